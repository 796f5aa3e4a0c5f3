/** Many at a time, and no more: without it a figure would measure how a thousand open requests fare. */

/** Works through all, at most `width` at a time. @throws the first failure, once nobody works any more */
export async function wide<Item>(
  items: Iterable<Item>,
  width: number,
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  const left = items[Symbol.iterator]()
  let failed: { readonly error: unknown } | undefined
  const one = async () => {
    for (let next = left.next(); !next.done && failed === undefined; next = left.next()) {
      await work(next.value).catch((error: unknown) => {
        failed ??= { error }
      })
    }
  }
  await Promise.all(Array.from({ length: width }, one))
  if (failed !== undefined) throw failed.error
}
