/** All routes of the API in the order of its description. */
import type { Api } from './dependencies.ts'
import { credentialRoutes } from './routes/credentials.ts'
import { evidenceRoutes } from './routes/evidence.ts'
import { healthRoutes } from './routes/health.ts'
import { issuerRoutes } from './routes/issuer.ts'
import { trailRoutes } from './routes/trails.ts'
import { verifyRoutes } from './routes/verify.ts'

export function registerRoutes(app: Api): void {
  healthRoutes(app)
  issuerRoutes(app)
  verifyRoutes(app)
  evidenceRoutes(app)
  trailRoutes(app)
  credentialRoutes(app)
}
