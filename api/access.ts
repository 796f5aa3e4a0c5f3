/** Who may call which operation, on one page; without it a new route could slip in that nobody guards. */

/** Roles as the register gives them; `approver` is any of examiner, external reviewer and decision-maker, `privacy` a privacy officer. */
export type CallerRole = 'officer' | 'operator' | 'approver' | 'privacy'

export type Access =
  /** Public: documents a stranger needs to verify, and the checks themselves. */
  | { readonly who: 'anyone' }
  /** An emitter of the institution's register: no login, but every event carries its sender's signature (contracts §3). */
  | { readonly who: 'emitter' }
  /**
   * A person whom the institution's register gives one of these roles. An approver reaches only cases they are appointed to. With
   * `freshLogin` the login must be at most five minutes old (contracts §7).
   */
  | { readonly who: readonly CallerRole[]; readonly freshLogin?: true }

const anyone: Access = { who: 'anyone' }
const emitters: Access = { who: 'emitter' }
const officers: Access = { who: ['officer'] }
const officersAnew: Access = { who: ['officer'], freshLogin: true }
const caseWorkers: Access = { who: ['officer', 'approver'] }
const caseWorkersAnew: Access = { who: ['officer', 'approver'], freshLogin: true }
const everyRole: Access = { who: ['officer', 'operator', 'approver', 'privacy'] }
const approvers: Access = { who: ['approver'] }
const approversAnew: Access = { who: ['approver'], freshLogin: true }
const keepersAnew: Access = { who: ['officer', 'operator'], freshLogin: true }
const privacy: Access = { who: ['privacy'] }
const privacyAnew: Access = { who: ['privacy'], freshLogin: true }
const keepers: Access = { who: ['officer', 'operator'] }

/** Operation (as in the OpenAPI document) → who. What is not here is not served. */
export const access = {
  alive: anyone,
  ready: anyone,
  readyToVerify: anyone,
  describeApi: anyone,
  listProblems: anyone,
  explainProblem: anyone,
  issuerProfile: anyone,
  issuerKeys: anyone,
  issuerKey: anyone,
  intakeKeys: anyone,
  statusList: anyone,
  verify: anyone,
  levelTable: anyone,

  whoAmI: everyRole,
  showInstitution: everyRole,
  listRegister: keepers,
  showRegisterItem: keepers,
  listRevisions: keepers,
  proposeRegister: officersAnew,
  listRegisterProposals: keepers,
  showRegisterProposal: keepers,
  approveRegisterProposal: keepersAnew,
  refuseRegisterProposal: keepersAnew,
  listAchievements: everyRole,
  showAchievement: everyRole,
  listProfiles: everyRole,
  showProfile: everyRole,

  postEvents: emitters,
  validateEvents: anyone,

  listCases: caseWorkers,
  showCase: caseWorkers,
  showTrail: caseWorkers,
  listEvidence: caseWorkers,
  readEvidence: caseWorkers,
  addEvidence: officersAnew,
  decide: caseWorkersAnew,
  declareConflict: caseWorkersAnew,
  listCaseAppointments: caseWorkers,
  endAppointment: officersAnew,
  listAppointments: officers,
  drawDecisionList: approvers,
  showDecisionList: approvers,
  openListedCase: approvers,
  approveDecisionList: approversAnew,

  listCredentials: officers,
  showCredential: officers,
  downloadCredential: officers,
  proposeRevocation: officersAnew,
  approveRevocation: officersAnew,
  refuseRevocation: officersAnew,
  listRevocations: officers,
  showRevocation: officers,
  listReviews: officers,

  lodgeAppeal: officersAnew,
  acknowledgeAppeal: officersAnew,
  decideAppeal: officersAnew,
  closeAppeal: officersAnew,
  listAppeals: officers,
  showAppeal: officers,
  receiveComplaint: officersAnew,
  acknowledgeComplaint: officersAnew,
  progressComplaint: officersAnew,
  closeComplaint: officersAnew,
  listComplaints: officers,
  showComplaint: officers,

  proposeErasure: privacyAnew,
  adoptErasure: privacyAnew,
  approveErasure: privacyAnew,
  refuseErasure: privacyAnew,
  listErasures: privacy,
  showErasure: privacy,
  placeHold: privacyAnew,
  liftHold: privacyAnew,
  listHolds: privacy,
  protectPerson: privacyAnew,
  endProtection: privacyAnew,
  listProtections: privacy,
  showIdentity: privacyAnew,

  listEvents: keepers,
  showEvent: keepers,
  readEvent: officers,
  listAccess: officers,
  exportTrails: officersAnew,
  exportSample: officersAnew,
  exportLog: officersAnew,
  recordQualityReview: officersAnew,
  closeQualityAction: officersAnew,
  listQualityReviews: officers,
  showStatistics: keepers,

  listDeadLetters: keepers,
  showDeadLetter: keepers,
  replayDeadLetter: keepers,
  replayDeadLetters: keepers,
  discardDeadLetter: keepers,
  listUnresolvedEvents: keepers,
  reconciliation: keepers,
} as const satisfies Record<string, Access>

export type OperationId = keyof typeof access
