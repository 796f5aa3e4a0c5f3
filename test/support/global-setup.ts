/** Around a whole test run: makes the servers available, and gone afterwards. They start when the first world asks. */
import { joinServers, leaveServers } from './test-servers.ts'

export async function setup(): Promise<void> {
  await joinServers(process.pid)
}

export async function teardown(): Promise<void> {
  await leaveServers(process.pid)
}
