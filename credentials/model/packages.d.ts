/** The parts of two packages without types that are used here. */
declare module 'jsonld' {
  interface LoadedDocument {
    readonly contextUrl: null
    readonly documentUrl: string
    readonly document: unknown
  }
  interface Options {
    readonly safe: boolean
    readonly documentLoader: (url: string) => Promise<LoadedDocument>
  }
  const jsonld: {
    expand(document: object, options: Options): Promise<object[]>
    canonize(document: object, options: Options & { readonly algorithm: 'RDFC-1.0' }): Promise<string>
  }
  export default jsonld
}

declare module '@digitalbazaar/credentials-context' {
  export const contexts: ReadonlyMap<string, object>
}
