import { ApplicationFailure } from '@temporalio/common'
import { describe, expect, test } from 'vitest'
import { openLog } from '#connectors/platform/log.ts'
import { sdkLog } from '#connectors/platform/worker-log.ts'

function linesOf(tell: (write: ReturnType<typeof sdkLog>) => void): Record<string, unknown>[] {
  const lines: string[] = []
  tell(sdkLog(openLog({ process: 'pipeline', level: 'trace', write: (line) => lines.push(line) })))
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe('a line of the Temporal SDK', () => {
  test('keeps ids and fixed text, and of an error its class, code and frames', () => {
    const error = ApplicationFailure.nonRetryable('Åsa has no grade', 'DecisionNotRecorded')
    const meta = { workflowId: 'case/umu/case_2', activityType: 'separation', attempt: 2, error }
    expect(linesOf((write) => write('WARN', 'Activity failed', meta))).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        level: 'warn',
        process: 'pipeline',
        component: 'temporal',
        message: 'Activity failed',
        institution: 'umu',
        case_id: 'case_2',
        workflow_id: 'case/umu/case_2',
        activity_type: 'separation',
        attempt: 2,
        error: 'ApplicationFailure',
        error_code: 'DecisionNotRecorded',
        frames: expect.arrayContaining([expect.stringContaining('worker-log.test.ts')]),
      },
    ])
  })

  test('drops the error text that the SDK puts behind a colon, and whole tasks', () => {
    const meta = { task: '{"name":"Åsa"}', taskEncoded: 'w4VzYQ==' }
    const lines = linesOf((write) => write('ERROR', 'Error while processing ActivityTask.start: Åsa is unknown', meta))
    expect(lines).toMatchObject([{ message: 'Error while processing ActivityTask.start' }])
    expect(JSON.stringify(lines)).not.toMatch(/Åsa|w4VzYQ/)
  })
})
