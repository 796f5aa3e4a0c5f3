/** Which methods a path answers. A path that exists is not "not found" only because somebody used the wrong verb (RFC 9110 §15.5.6). */
import type { Api } from './dependencies.ts'

/** Asked after all routes are registered; empty for a path nobody serves. */
export function methodsOf(app: Api): (path: string) => string[] {
  const served = app.routes
    .filter(({ method, path }) => method !== 'ALL' && !path.includes('*'))
    .map(({ method, path }) => ({ method, shape: shapeOf(path) }))
  return (path) => {
    const methods = served.filter(({ shape }) => shape.test(path)).map(({ method }) => method)
    return [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))]
  }
}

function shapeOf(path: string): RegExp {
  const parts = path
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')))
  return new RegExp(`^${parts.join('/')}$`)
}
