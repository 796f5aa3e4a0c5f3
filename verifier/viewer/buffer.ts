/** What of Node's Buffer the verifier uses, for a browser: bytes that know base64url and hexadecimal. */

type Encoding = 'utf8' | 'base64url' | 'hex'

class Bytes extends Uint8Array {
  override toString(encoding: Encoding = 'utf8'): string {
    if (encoding === 'utf8') return new TextDecoder().decode(this)
    if (encoding === 'hex') return Array.from(this, (byte) => byte.toString(16).padStart(2, '0')).join('')
    let binary = ''
    for (const byte of this) binary += String.fromCharCode(byte)
    return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  }
}

/** Leniently, as Node reads base64url; whoever needs one spelling writes it again and compares. */
function fromBase64url(text: string): Bytes {
  const letters = text
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replaceAll(/[^A-Za-z0-9+/]/g, '')
  const whole = letters.length % 4 === 1 ? letters.slice(0, -1) : letters
  return Bytes.from(atob(whole), (letter) => letter.charCodeAt(0)) as Bytes
}

export const Buffer = {
  from(data: string | ArrayBuffer | Uint8Array, encoding: Encoding | number = 'utf8', length?: number): Bytes {
    if (typeof data === 'string') {
      return encoding === 'base64url' ? fromBase64url(data) : new Bytes(new TextEncoder().encode(data))
    }
    return data instanceof Uint8Array ? new Bytes(data) : new Bytes(data, Number(encoding) || 0, length)
  },
}
