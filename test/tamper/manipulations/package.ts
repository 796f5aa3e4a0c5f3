/** Done to a package on its way. */
import { canonicalBytes } from '#audit/canonical.ts'
import { signNote } from '#audit/note.ts'
import { ed25519Signer } from '#audit/note-key.ts'
import { inPackage, leavesIn, rewordIn } from '../package.ts'
import type { Manipulation } from './manipulation.ts'

export const inTransit: readonly Manipulation[] = [
  {
    what: 'change what an entry says',
    hand: 'package',
    act: rewordIn('/0001.json', /"promised":"[^"]+"/, '"promised":"A"'),
    shows: [
      ['package', 'chain'],
      ['package', 'inclusion'],
    ],
    short: true,
  },
  {
    what: 'leave out an entry in the middle',
    hand: 'package',
    act: inPackage((files) => {
      const path = leavesIn(files)[3] ?? ''
      files.delete(path)
      files.delete(path.replace('.json', '.tlog-proof'))
    }),
    shows: [['package', 'sequence']],
  },
  {
    what: 'leave out the end of the trail',
    hand: 'package',
    act: inPackage((files) => {
      for (const path of leavesIn(files).slice(-2)) {
        files.delete(path)
        files.delete(path.replace('.json', '.tlog-proof'))
      }
    }),
    shows: [['package', 'completeness']],
    short: true,
  },
  {
    what: 'exchange two entries with their proofs',
    hand: 'package',
    act: inPackage((files) => {
      const [, one = '', two = ''] = leavesIn(files)
      for (const alike of [(path: string) => path, (path: string) => path.replace('.json', '.tlog-proof')]) {
        const [a, b] = [files.get(alike(one)), files.get(alike(two))]
        if (a === undefined || b === undefined) throw new Error('nothing to exchange')
        files.set(alike(one), b)
        files.set(alike(two), a)
      }
    }),
    shows: [['package', 'sequence']],
  },
  {
    what: 'state another end of the trail in the map of heads',
    hand: 'package',
    act: rewordIn('heads.json', /"n":\d+/, '"n":3'),
    shows: [['package', 'completeness']],
  },
  {
    what: 'change a fact a gate judged by',
    hand: 'package',
    act: rewordIn('/inputs/', /"promised":"[^"]+"/, '"promised":"A"'),
    shows: [['package', 'replay']],
    short: true,
  },
  {
    what: 'let a recorded verdict say otherwise',
    hand: 'package',
    act: rewordIn('/verdicts/', /"outcome":"pass"/, '"outcome":"fail"'),
    shows: [['package', 'replay']],
  },
  {
    what: 'loosen the rules it was judged by',
    hand: 'package',
    act: inPackage((files) => {
      const path = [...files.keys()].find((one) => one.startsWith('rules/')) ?? ''
      files.set(
        path,
        Buffer.from((files.get(path)?.toString() ?? '').replace(/"validForMonths":\d+|"version":\d+/, '"version":99')),
      )
    }),
    shows: [['package', 'replay']],
  },
  {
    what: 'open a digest with another value',
    hand: 'package',
    act: inPackage((files) => {
      const path = [...files.keys()].find((one) => one.endsWith('/disclosures.json')) ?? ''
      const byEntry = JSON.parse(files.get(path)?.toString() ?? '{}') as Record<string, string[]>
      const [n = ''] = Object.keys(byEntry)
      const other = Buffer.from('["AAAAAAAAAAAAAAAAAAAAAA","event","another"]').toString('base64url')
      files.set(path, Buffer.from(canonicalBytes({ ...byEntry, [n]: [other] })))
    }),
    shows: [['package', 'disclosures']],
  },
  {
    what: 'put everything under a checkpoint that no witness has seen',
    hand: 'package',
    act: inPackage((files, scene) => {
      const text = (files.get('checkpoint.txt')?.toString() ?? '').split('\n\n')[0] ?? ''
      const note = signNote(`${text}\n`, [ed25519Signer(scene.golden.origin, scene.stolen)])
      const before = files.get('checkpoint.txt')?.toString() ?? ''
      for (const [path, bytes] of files) {
        if (path === 'checkpoint.txt') files.set(path, Buffer.from(note))
        else if (path.endsWith('.tlog-proof')) files.set(path, Buffer.from(bytes.toString().replace(before, note)))
      }
    }),
    shows: [['package', 'witnesses']],
    short: true,
  },
]
