/** The part of `oidc-provider` that we use; the package carries no types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  export interface OidcContext {
    body: unknown
    readonly oidc: {
      readonly client: { readonly clientId: string }
      readonly params: Readonly<Record<string, unknown>>
      readonly entities: { readonly AuthorizationCode?: { readonly acr?: string; readonly authTime?: number } }
      readonly provider: Provider
    }
  }

  export interface Interaction {
    readonly uid: string
    readonly prompt: { readonly name: string }
    readonly params: Readonly<Record<string, unknown>>
  }

  export class Provider {
    constructor(issuer: string, configuration: object)
    readonly AccessToken: new (
      properties: object,
    ) => { resourceServer: object; save(): Promise<string>; readonly expiration: number; readonly tokenType: string }
    readonly ResourceServer: new (
      identifier: string,
      info: object,
    ) => object
    readonly Grant: new (
      properties: object,
    ) => {
      addOIDCScope(scope: string): void
      addResourceScope(resource: string, scope: string): void
      save(): Promise<string>
    }
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>
    registerGrantType(
      name: string,
      handler: (context: OidcContext) => Promise<void>,
      parameters: readonly string[],
    ): void
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>
    interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>
    on(event: string, listener: (...details: unknown[]) => void): this
  }

  export const errors: { readonly InvalidGrant: new (detail: string) => Error }
}

declare module 'oidc-provider/lib/adapters/memory_adapter.js' {
  export default class MemoryAdapter {
    constructor(model: string)
  }
}
