/** Packages that people choose in a browser: an archive, or the files of a folder. They are read piece by piece and go nowhere. */
import { checkName, checkNames, checkSizes, limits, type PackageFiles, printable } from '#verifier/files.ts'
import { PackageProblem } from '#verifier/problem.ts'
import { openZip } from '#verifier/zip.ts'

const bytesOf = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer())

/** One file is an archive; several are a folder. @throws PackageProblem */
export async function openChosen(chosen: readonly File[]): Promise<PackageFiles> {
  const [first] = chosen
  if (chosen.length === 1 && first !== undefined && first.webkitRelativePath === '') {
    return openZip({ size: first.size, read: (from, length) => bytesOf(first.slice(from, from + length)) })
  }
  return openFolder(chosen)
}

function openFolder(chosen: readonly File[]): PackageFiles {
  const files = new Map(chosen.map((file) => [nameIn(file), file]))
  const names = [...files.keys()].toSorted()
  for (const name of names) checkName(name)
  checkNames(names)
  checkSizes(new Map([...files].map(([name, { size }]) => [name, size])), limits)
  return {
    names,
    sizeOf: (name) => files.get(name)?.size,
    read: async (name) => {
      const file = files.get(name)
      if (file === undefined) throw new PackageProblem('no-such-file', printable(name))
      return bytesOf(file)
    },
  }
}

/** Below the chosen folder. */
function nameIn({ name, webkitRelativePath: path }: File): string {
  return path === '' ? name : path.slice(path.indexOf('/') + 1)
}
