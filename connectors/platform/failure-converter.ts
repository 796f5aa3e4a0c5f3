/**
 * Error messages as payloads: without it they would stand in Temporal's history in plain text, past the codec, and error
 * messages love to quote people. Temporal loads this module by path, in worker, client and workflow bundle.
 */
import { DefaultFailureConverter } from '@temporalio/common'

export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true })
