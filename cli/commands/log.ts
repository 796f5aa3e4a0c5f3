/** Proofs and notes in the forms all transparency tools share, so that anybody's tests can be run against ours. */
import { type Command, command } from '../command.ts'
import { linesOf } from '../lines.ts'
import { type Judge, judgeConsistency, judgeInclusion, judgeNote } from '../log-cases.ts'

export const verifyInclusion = caseCommand(
  judgeInclusion,
  `echo '{"leafIndex": 0, "treeSize": 1, "leafHash": "…", "root": "…", "proof": []}' | bevis log verify-inclusion --json`,
)

export const verifyConsistency = caseCommand(
  judgeConsistency,
  `echo '{"size1": 1, "size2": 2, "root1": "…", "root2": "…", "proof": ["…"]}' | bevis log verify-consistency --json`,
)

export const verifyNote = caseCommand(
  judgeNote,
  `echo '{"note": "…\\\\n\\\\n— name …\\\\n", "vkey": "name+…+…"}' | bevis log verify-note --json`,
)

/** Answers every line of standard input on a line of its own, in order and as it comes. What a line says never ends it. */
function caseCommand(judge: Judge, line: string): Command {
  return command({
    takes: '',
    args: [0, 0],
    options: {},
    examples: [[line, 'one case a line, one answer a line: {"ok", "reason"}; exit 0']],
    run: async ({ out }) => {
      for await (const text of linesOf(process.stdin)) {
        const answer = text === undefined ? { ok: false, reason: 'line-unreadable' } : judge(text)
        out.data(() => (answer.ok ? 'ok' : `refused: ${answer.reason}`), answer)
      }
      return 'ok'
    },
  })
}
