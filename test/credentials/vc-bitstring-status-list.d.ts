/** The part of the independent decoder that the tests use; it ships without types. */
declare module '@digitalbazaar/vc-bitstring-status-list' {
  export function decodeList(options: {
    readonly encodedList: string
  }): Promise<{ readonly length: number; getStatus(index: number): boolean }>
}
