export {
  recordRandomnessKept as handleRandomnessKept,
  recordRandomnessVerified as handleRandomnessVerified,
} from "../records/randomness";
