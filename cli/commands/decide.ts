/** Deciding from the command line; the same door, the same checks as for everybody (contracts §7). */
import type { z } from 'zod'
import { caseDetail } from '#api/schemas/case.ts'
import { decided, type decision as decisionShape, outcomes } from '#api/schemas/decision.ts'
import { nearest } from '#events/near.ts'
import { apiOptions, openApi, shaped } from '../api-client.ts'
import { seenMark } from '../case-text.ts'
import { CliError, usage } from '../cli-error.ts'
import { command } from '../command.ts'

type Decision = z.input<typeof decisionShape>

export const decide = command({
  takes: '<case id> <outcome>',
  args: [2, 2],
  options: {
    reason: { value: '<code>', says: 'reason as a code; stands in the log for ever' },
    seen: { value: '<mark>', says: 'what you decide on, as case show printed it' },
    text: { value: '<text>', says: 'reasons in words; needed for all but approve and appoint' },
    mark: { value: '<item>', multiple: true, says: 'what is asked for; needed to return, may be repeated' },
    appoint: { value: '<role=person>', says: 'for appoint: examiner=pers_…, external-reviewer=…, decision-maker=…' },
    achievement: { value: '<id@version>', says: 'for choose-achievement' },
    ...apiOptions,
  },
  examples: [
    ['bevis case decide case_mfrg approve --reason outcomes-shown --seen 4:Zm9v', 'approve what case show has shown'],
    [
      'bevis case decide case_mfrg return --reason more-needed --text "…" --mark outcome-2 --seen 4:Zm9v',
      'ask for more',
    ],
    ['bevis case decide case_mfrg appoint --reason leave --appoint examiner=pers_2 --seen 4:Zm9v', 'another examiner'],
  ],
  run: async ({ args: [id = '', named = ''], values, out }) => {
    const outcome = outcomes.find((one) => one === named) ?? unknownOutcome(named)
    const reason = values.reason ?? missing('--reason <code>', 'for instance outcomes-shown')
    const mark =
      values.seen ?? missing('--seen <mark>', 'bevis case show prints it; a decision stands on what was seen')
    const api = await openApi(values)
    const path = `/cases/${encodeURIComponent(id)}`
    const answer = await api.get(path)
    const { seen } = shaped(caseDetail, answer)
    if (seenMark(seen) !== mark) throw changed(id)
    const body: Decision = {
      outcome,
      reason,
      seen,
      ...(values.text === undefined ? {} : { text: values.text }),
      ...(values.mark === undefined ? {} : { markedItems: [...values.mark] }),
      ...(values.appoint === undefined ? {} : { appoint: appointment(values.appoint) }),
      ...(values.achievement === undefined ? {} : { achievement: achievementVersion(values.achievement) }),
    }
    const recorded = await api.post(`${path}/decisions`, body, { 'if-match': answer.etag ?? '' })
    const { delivery, state, decision } = shaped(decided, recorded)
    const told =
      delivery === 'delivered' ? 'the case goes on' : 'the case is told as soon as its workflow can be reached'
    out.data(() => `Recorded: ${outcome} (${decision}), state ${state}; ${told}.`, recorded.body)
    if (!out.json) out.note(`See what came of it: bevis case show ${id}`)
    return 'ok'
  },
})

function unknownOutcome(named: string): never {
  const meant = nearest(named, outcomes)
  const mend = meant === undefined ? `give one of ${outcomes.join(', ')}` : `did you mean ${meant}?`
  throw usage('outcome', `${named} is not an outcome`, mend)
}

function missing(option: string, mend: string): never {
  throw usage('missing-option', `${option} is missing`, mend)
}

function changed(id: string): CliError {
  const mend = `read it again: bevis case show ${id}`
  return new CliError({ exit: 'conflict', code: 'case/changed', what: 'the case is not what you saw any more', mend })
}

const roles = ['external-reviewer', 'decision-maker', 'examiner'] as const

function appointment(text: string): NonNullable<Decision['appoint']> {
  const [role, person = ''] = text.split('=')
  const known = roles.find((one) => one === role)
  if (known === undefined || person === '')
    throw usage('appoint', 'that is no appointment', `give <role>=<person>; roles are ${roles.join(', ')}`)
  return { role: known, person }
}

function achievementVersion(text: string): NonNullable<Decision['achievement']> {
  const [id = '', version = ''] = text.split('@')
  if (id === '' || !/^[1-9]\d{0,3}$/.test(version))
    throw usage('achievement', 'that is no version', 'give <id>@<version>')
  return { id, version: Number(version) }
}
