import { amdProfessional } from "./amd-professional.ts";
import { radeon } from "./amd-radeon.ts";
import { apple } from "./apple.ts";
import { embedded } from "./embedded.ts";
import { intel } from "./intel.ts";
import { mobile } from "./mobile.ts";
import { geforce } from "./nvidia-geforce.ts";
import { geforceLaptop } from "./nvidia-laptop.ts";
import { nvidiaProfessional } from "./nvidia-professional.ts";
import { profilesOf, type GpuProfile } from "./profile.ts";

/** Every device that the miner knows. */
export const gpuProfiles: readonly GpuProfile[] = [
  ...geforce,
  ...geforceLaptop,
  ...nvidiaProfessional,
  ...embedded,
  ...radeon,
  ...amdProfessional,
  ...intel,
  ...apple,
  ...mobile,
].flatMap(profilesOf);
