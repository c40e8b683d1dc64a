export {
  recordCallExecuted as handleCallExecuted,
  recordCallSalt as handleCallSalt,
  recordCallScheduled as handleCallScheduled,
  recordCancelled as handleCancelled,
  recordMinDelayChange as handleMinDelayChange,
  recordRoleAdminChanged as handleRoleAdminChanged,
  recordRoleGranted as handleRoleGranted,
  recordRoleRevoked as handleRoleRevoked,
} from "../records/timelock";
