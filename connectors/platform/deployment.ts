/** Which version of the workflows Temporal hands tasks to; without it a rolling upgrade would run old and new code on one case at random. */
import type { TemporalClient } from './temporal.ts'

/** All pipeline workers belong to one deployment (Temporal Worker Versioning). */
export const deploymentName = 'bevis-pipeline'

export interface DeploymentVersion {
  readonly buildId: string
  /** `current`: new workflows start here and running ones move here at their next task. */
  readonly standing: 'current' | 'ramping' | 'draining' | 'drained' | 'inactive'
}

/** Versions that have polled, newest first; empty where no versioned worker ever has. */
export async function deploymentVersions(client: TemporalClient): Promise<DeploymentVersion[]> {
  const { namespace } = client.options
  const { workerDeploymentInfo: info } = await client.workflowService
    .describeWorkerDeployment({ namespace, deploymentName })
    .catch(whenAbsent)
  const current = info?.routingConfig?.currentDeploymentVersion?.buildId
  const ramping = info?.routingConfig?.rampingDeploymentVersion?.buildId
  return (info?.versionSummaries ?? []).map(({ deploymentVersion, drainageInfo }) => {
    const buildId = deploymentVersion?.buildId ?? ''
    if (buildId === current) return { buildId, standing: 'current' }
    if (buildId === ramping) return { buildId, standing: 'ramping' }
    return { buildId, standing: drainage[Number(drainageInfo?.status ?? 0)] ?? 'inactive' }
  })
}

/** temporal.api.enums.v1.VersionDrainageStatus */
const drainage: Readonly<Record<number, DeploymentVersion['standing']>> = { 1: 'draining', 2: 'drained' }

/**
 * Makes a version current: every new workflow starts there, every running one moves there with its next task. A version whose worker
 * does not poll (any more) is refused by the server, so a slip of the pen strands no case.
 */
export async function makeCurrent(client: TemporalClient, buildId: string): Promise<'changed' | 'unknown-version'> {
  const { namespace } = client.options
  try {
    await client.workflowService.setWorkerDeploymentCurrentVersion({
      namespace,
      deploymentName,
      buildId,
      identity: 'bevis',
    })
    return 'changed'
  } catch (error) {
    if (isNotFound(error)) return 'unknown-version'
    throw error
  }
}

/** NOT_FOUND, and FAILED_PRECONDITION where its worker does not poll. */
function isNotFound(error: unknown): boolean {
  return error instanceof Error && [5, 9].includes(Number(Reflect.get(error, 'code')))
}

function whenAbsent(error: unknown): { workerDeploymentInfo?: undefined } {
  if (isNotFound(error)) return {}
  throw error
}
