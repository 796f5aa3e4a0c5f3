/** All routes of the API in the order of its description. */
import type { Api } from './dependencies.ts'
import { accessLogRoutes } from './routes/access-log.ts'
import { achievementRoutes } from './routes/achievements.ts'
import { appealRoutes } from './routes/appeals.ts'
import { appointmentRoutes } from './routes/appointments.ts'
import { auditPackageRoutes } from './routes/audit-packages.ts'
import { caseListRoutes } from './routes/case-list.ts'
import { caseRoutes } from './routes/cases.ts'
import { complaintRoutes } from './routes/complaints.ts'
import { conflictRoutes } from './routes/conflicts.ts'
import { credentialRoutes } from './routes/credentials.ts'
import { deadLetterRoutes } from './routes/dead-letters.ts'
import { decisionListRoutes } from './routes/decision-lists.ts'
import { decisionRoutes } from './routes/decisions.ts'
import { erasureRoutes } from './routes/erasures.ts'
import { eventListRoutes } from './routes/event-list.ts'
import { eventRoutes } from './routes/events.ts'
import { evidenceRoutes } from './routes/evidence.ts'
import { evidenceUploadRoutes } from './routes/evidence-upload.ts'
import { healthRoutes } from './routes/health.ts'
import { holdRoutes } from './routes/holds.ts'
import { issuerRoutes } from './routes/issuer.ts'
import { callerRoutes } from './routes/me.ts'
import { problemRoutes } from './routes/problems.ts'
import { protectionRoutes } from './routes/protections.ts'
import { qualityReviewRoutes } from './routes/quality-reviews.ts'
import { reconciliationRoutes } from './routes/reconciliation.ts'
import { registerReadRoutes } from './routes/register.ts'
import { registerProposalRoutes } from './routes/register-proposals.ts'
import { reviewRoutes } from './routes/reviews.ts'
import { revocationRoutes } from './routes/revocations.ts'
import { statisticsRoutes } from './routes/statistics.ts'
import { trailRoutes } from './routes/trails.ts'
import { unresolvedRoutes } from './routes/unresolved.ts'
import { verifyRoutes } from './routes/verify.ts'

export function registerRoutes(app: Api): void {
  healthRoutes(app)
  problemRoutes(app)
  issuerRoutes(app)
  verifyRoutes(app)
  eventRoutes(app)
  callerRoutes(app)
  registerReadRoutes(app)
  registerProposalRoutes(app)
  achievementRoutes(app)
  caseListRoutes(app)
  caseRoutes(app)
  evidenceRoutes(app)
  evidenceUploadRoutes(app)
  trailRoutes(app)
  decisionRoutes(app)
  decisionListRoutes(app)
  conflictRoutes(app)
  appointmentRoutes(app)
  credentialRoutes(app)
  revocationRoutes(app)
  reviewRoutes(app)
  qualityReviewRoutes(app)
  appealRoutes(app)
  complaintRoutes(app)
  erasureRoutes(app)
  holdRoutes(app)
  protectionRoutes(app)
  eventListRoutes(app)
  accessLogRoutes(app)
  auditPackageRoutes(app)
  statisticsRoutes(app)
  deadLetterRoutes(app)
  unresolvedRoutes(app)
  reconciliationRoutes(app)
}
