/** A process as ours are, in which something breaks that nobody catches; started by `logs.test.ts`. */
import { live } from '#cli/processes/life.ts'

const row = { detail: 'Key (name)=(Planta Planterad) already exists.', parameters: ['19900101-1234'] }
const planted = () => Object.assign(new Error('Planta Planterad, planta@example.org'), { code: '23505', ...row })

const ways: Readonly<Record<string, () => void>> = {
  exception: () => {
    setTimeout(() => {
      throw planted()
    })
  },
  rejection: () => {
    setTimeout(() => void Promise.reject(planted()))
  },
  console: () => {
    setTimeout(() => {
      // oxlint-disable-next-line no-console -- as a library would
      console.error('Planta Planterad', planted())
      process.emitWarning('Planta Planterad')
      setTimeout(() => process.exit(1), 50)
    })
  },
}

ways[process.argv[2] ?? '']?.()
await live(
  { process: 'test', logLevel: 'info', env: 'development', host: undefined, opsPort: undefined },
  () => new Promise((resolve) => setTimeout(resolve, 20_000)),
)
