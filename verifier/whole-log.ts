/** A package that is a whole log: every entry read again, every tile and the root computed anew (audit-log §7.4, I2). */
import { checkLog, type LogFinding } from '#audit/check-log.ts'
import { trailChains } from '#audit/trail-chains.ts'
import type { Judged } from '#verifier/log-proof.ts'
import type { Material } from '#verifier/material.ts'
import { type Answer, couldNotCheck, counted, failed, few, passed } from '#verifier/report.ts'

/** More would not be read by anybody. */
const mostTold = 100

export async function judgeWholeLog(material: Material, judged: Judged | undefined): Promise<Answer> {
  if (judged === undefined)
    return couldNotCheck(
      'Utan underskriven loggtopp är inget att räkna om mot.',
      'Without a signed checkpoint there is nothing to compute against.',
    )
  const { origin, size, root } = judged.checkpoint
  const found: LogFinding[] = []
  await checkLog({
    read: (path) => material.read(path),
    size,
    root,
    tell: (finding) => found.length < mostTold && found.push(finding),
    onEntry: trailChains(origin).next,
  })
  if (found.length > 0) {
    const where = few(found.map(({ code, path, at }) => `${path}${at === undefined ? '' : ` #${at}`}: ${code}`))
    return failed(`Loggen blir en annan när den räknas om (${where}).`, `Computed anew the log differs (${where}).`)
  }
  return passed(
    ...counted(
      size,
      [
        'Den enda posten är omräknad: kedja, platta och rot stämmer.',
        'The one entry was computed anew: chain, tile and root fit.',
      ],
      [
        `Alla ${size} poster är omräknade: kedjor, plattor och rot stämmer.`,
        `All ${size} entries were computed anew: chains, tiles and root fit.`,
      ],
    ),
  )
}
