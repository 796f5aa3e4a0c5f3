/** The development login: choose who you are. Without it no browser could log in on a developer's machine. */
import type { DemoPerson } from '#dev/people.ts'

/** One button per demo person. */
export function loginPage(uid: string, people: readonly DemoPerson[]): string {
  const buttons = people.map(
    ({ sub, name, acr }) =>
      `<li><button name="sub" value="${escape(sub)}">${escape(name)} (LoA ${escape(acr.slice(-1))})</button></li>`,
  )
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Development login</title>
<h1>Development login</h1>
<p>Nobody is checked here: choose whom you want to be.</p>
<form method="post" action="/interaction/${escape(uid)}"><ul>${buttons.join('')}</ul></form></html>`
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
}
