export {
  recordJobAnswered as handleJobAnswered,
  recordJobOpened as handleJobOpened,
  recordJobRefunded as handleJobRefunded,
} from "../records/zk-jobs";
