/** How far long work has come: one bar on a terminal, a line now and then elsewhere. Without it people press Ctrl-C in the middle. */
import { exitCodes } from './exit-codes.ts'

export interface Progress {
  /** So many more are done. */
  step(count?: number): void
  /** Takes the bar away; the answer says what came of it. */
  end(): void
}

export interface Stage {
  readonly isTerminal: boolean
  /** Width of the terminal in columns. */
  readonly columns: number
  write(text: string): void
  /** Milliseconds; only differences count. */
  now(): number
}

/** Shorter work shows nothing on a terminal; elsewhere, what takes less than a line's time. */
const quietMs = 1_000
const redrawMs = 100
const lineEveryMs = 10_000
const clearLine = '\r\u001B[2K'

/** Drawn when something is done, never by a timer: what stands still looks so. */
export function startProgress(label: string, total: number, stage: Stage): Progress {
  const began = stage.now()
  let done = 0
  let told = began + (stage.isTerminal ? quietMs - redrawMs : 0)
  let isShown = false
  const interrupted = () => {
    stage.write(`${clearLine}Interrupted at ${done} of ${total}. What was done stays done.\n`)
    process.exit(exitCodes.interrupted)
  }
  const show = (now: number) => {
    const line = progressLine({ label, done, total, elapsedMs: now - began, columns: stage.columns })
    if (stage.isTerminal && !isShown) process.once('SIGINT', interrupted)
    isShown = true
    stage.write(stage.isTerminal ? `${clearLine}${line}` : `${line}\n`)
  }
  return {
    step: (count = 1) => {
      done += count
      // At the end the answer itself follows.
      if (done >= total) return
      const now = stage.now()
      if (now - told < (stage.isTerminal ? redrawMs : lineEveryMs)) return
      told = now
      show(now)
    },
    end: () => {
      process.removeListener('SIGINT', interrupted)
      if (isShown && stage.isTerminal) stage.write(clearLine)
    },
  }
}

export interface State {
  readonly label: string
  readonly done: number
  readonly total: number
  readonly elapsedMs: number
  readonly columns: number
}

/** `Verifying  [#####.....]  512/1024  98/s  5 s left`; the bar gives way first on a narrow terminal. */
export function progressLine({ label, done, total, elapsedMs, columns }: State): string {
  const perSecond = elapsedMs === 0 ? 0 : (done * 1_000) / elapsedMs
  const left = perSecond === 0 ? '' : `  ${duration(Math.ceil((total - done) / perSecond))} left`
  const rate = perSecond >= 10 ? perSecond.toFixed(0) : perSecond.toFixed(1)
  const figures = `${done}/${total}  ${rate}/s${left}`
  const room = Math.min(columns - label.length - figures.length - 7, 30)
  if (room < 5) return `${label}  ${figures}`.slice(0, Math.max(columns - 1, 0))
  const filled = total === 0 ? room : Math.min(Math.floor((done / total) * room), room)
  return `${label}  [${'#'.repeat(filled)}${'.'.repeat(room - filled)}]  ${figures}`
}

/** `45 s`, `3 min 20 s`, `2 h 5 min`. */
function duration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
