import { ApplicationFailure } from '@temporalio/common'
import { describe, expect, test } from 'vitest'
import { redactedLine } from '#connectors/platform/worker-log.ts'

describe('a line of the worker log', () => {
  test('keeps ids and fixed text, and of an error its name and code', () => {
    const error = ApplicationFailure.nonRetryable('Åsa has no grade', 'DecisionNotRecorded')
    const meta = { workflowId: 'case/umu/case_1', activityType: 'separation', attempt: 2, error }
    expect(redactedLine('warn', 'Activity failed', meta)).toEqual({
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      level: 'warn',
      message: 'Activity failed',
      workflowId: 'case/umu/case_1',
      activityType: 'separation',
      attempt: 2,
      error: 'ApplicationFailure',
      error_type: 'DecisionNotRecorded',
    })
  })

  test('drops the error text that the SDK puts behind a colon, and whole tasks', () => {
    const line = redactedLine('error', 'Error while processing ActivityTask.start: Åsa is unknown', {
      task: '{"name":"Åsa"}',
      taskEncoded: 'w4VzYQ==',
    })
    expect(line).toMatchObject({ message: 'Error while processing ActivityTask.start' })
    expect(JSON.stringify(line)).not.toMatch(/Åsa|w4VzYQ/)
  })

  test('takes no sentence for a code', () => {
    const error = Object.assign(new Error('x'), { code: 'Åsa Berg, born 1970' })
    expect(redactedLine('error', 'x', { error })).not.toHaveProperty('error_code')
  })
})
