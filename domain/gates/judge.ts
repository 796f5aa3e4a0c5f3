/** The gates as pure functions of one input (contracts §5): which rows each asks about, and how its verdict is put together. */
import type { CaseInput } from '#domain/case.ts'
import { passed, short, text } from '#domain/gates/finding.ts'
import { pauses } from '#domain/gates/pause.ts'
import type { Finding, GateName, Row, Verdict } from '#domain/gates/verdict.ts'
import { outcomeOf, worstOf } from '#domain/gates/worst.ts'
import { computeLevel, type LevelComputation, reliedBand, shortfalls } from '#domain/level.ts'
import { atLeast, type Band, type Level } from '#domain/words.ts'

export type CaseGate = Exclude<GateName, 'revocation'>

/** The rows of the table each gate asks about. */
export const gateRows: Readonly<
  Record<'open' | 'identity' | 'assessment' | 'separation' | 'approval', readonly Row[]>
> = {
  open: ['definition', 'mandate'],
  identity: ['loa', 'identity'],
  assessment: ['assessment', 'supervision', 'premises', 'attendance', 'coverage'],
  separation: ['separation'],
  approval: ['approvers'],
}

/** Every gate a case passes, in the order of design.md. */
export const caseGates = [
  'open',
  'identity',
  'assessment',
  'separation',
  'evidence-level',
  'approval',
  'level',
] as const

/** Gates over facts alone: they come before anything is demanded of people. */
export const factGates = caseGates.slice(0, caseGates.indexOf('approval'))

/** Those that are judged together once a case is open. */
export const automaticGates = factGates.slice(1)

/** Judges one gate. The same input gives the same verdict, byte for byte, wherever and whenever it is judged. */
export function judge(gate: CaseGate, input: CaseInput): Verdict {
  switch (gate) {
    case 'open':
    case 'identity':
    case 'assessment':
    case 'separation':
      return byRows(gate, input, computeLevel(input, 'assumed'))
    case 'approval':
      return byRows(gate, input, computeLevel(input, 'actual'))
    case 'evidence-level':
      return byLevel(gate, input, computeLevel(input, 'assumed'))
    case 'level':
      return byLevel(gate, input, computeLevel(input, 'actual'))
  }
}

function byRows(gate: keyof typeof gateRows, input: CaseInput, level: LevelComputation): Verdict {
  const band = reliedBand(level, input.case.promised)
  const { findings, plan } = level.byBand[band]
  const waits = gate === 'assessment' ? pauses(plan) : []
  return verdict({ gate, input, band }, [...gateRows[gate].flatMap((row) => findings[row]), ...waits])
}

/** Below the promise the findings are all that the promised band lacks (levels.md, evidence level). */
function byLevel(gate: 'evidence-level' | 'level', input: CaseInput, level: LevelComputation): Verdict {
  const { promised } = input.case
  const band = reliedBand(level, promised)
  const reached = atLeast(level.level, promised)
  const says = text(
    `Beräknad nivå ${level.level}, utlovad ${promised}`,
    `Computed level ${level.level}, promised ${promised}`,
  )
  const own = reached
    ? passed(`level.${promised}`, says)
    : short(`level.${promised}`, {
        outcome: shortfallOf(level, promised),
        because: says,
        missing: text(`Det som band ${promised} kräver`, `What band ${promised} demands`),
      })
  return verdict({ gate, input, band }, reached ? [own] : [own, ...shortfalls(level.byBand[promised])])
}

function shortfallOf({ byBand }: LevelComputation, promised: Band): Exclude<Finding['outcome'], 'passed'> {
  const worst = worstOf(shortfalls(byBand[promised]))
  return worst === 'passed' ? 'failed' : worst
}

function verdict(of: { gate: CaseGate; input: CaseInput; band: Band }, findings: readonly Finding[]): Verdict {
  const { gate, input, band } = of
  return { gate, rules: input.profiles.version, outcome: outcomeOf(findings), band, findings }
}

/** Evidence level and what each higher band lacks, for showing. */
export function levelsOf(input: CaseInput): {
  readonly evidence: Level
  readonly actual: Level
  readonly lacks: LevelComputation['lacks']
} {
  const assumed = computeLevel(input, 'assumed')
  return { evidence: assumed.level, actual: computeLevel(input, 'actual').level, lacks: assumed.lacks }
}
