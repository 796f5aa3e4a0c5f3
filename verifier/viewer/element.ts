/** Builds the page out of elements and texts, never out of markup: what a package says can only ever be read. */

type Child = Node | string | undefined

/** An element with attributes (left out where undefined) and children. */
export function el<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string | undefined>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(key, value)
  element.append(...children.filter((child) => child !== undefined))
  return element
}
