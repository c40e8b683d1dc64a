import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Artifact, ArtifactResolver, BuildInfo } from "@nomicfoundation/ignition-core";
import { root } from "../root.ts";

/** Artifacts straight from Hardhat's output, without starting Hardhat. */
export const artifacts: ArtifactResolver = {
  loadArtifact: async (name) => loadArtifact(name),
  async getBuildInfo(name) {
    const { buildInfoId } = loadArtifact(name);
    if (buildInfoId === undefined) return undefined;
    return JSON.parse(readFileSync(join(root, "artifacts", "build-info", `${buildInfoId}.json`), "utf8")) as BuildInfo;
  },
};

function loadArtifact(name: string): Artifact {
  const [file] = globSync(`artifacts/**/${name}.sol/${name}.json`, { cwd: root });
  if (file === undefined) throw new Error(`there is no compiled contract ${name}`);
  return JSON.parse(readFileSync(join(root, file), "utf8")) as Artifact;
}
