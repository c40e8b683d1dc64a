export {
  recordOperationCanceled as handleOperationCanceled,
  recordOperationExecuted as handleOperationExecuted,
  recordOperationScheduled as handleOperationScheduled,
  recordRoleAdminChanged as handleRoleAdminChanged,
  recordRoleGrantDelayChanged as handleRoleGrantDelayChanged,
  recordRoleGranted as handleRoleGranted,
  recordRoleGuardianChanged as handleRoleGuardianChanged,
  recordRoleLabel as handleRoleLabel,
  recordRoleRevoked as handleRoleRevoked,
  recordTargetAdminDelayUpdated as handleTargetAdminDelayUpdated,
  recordTargetClosed as handleTargetClosed,
  recordTargetFunctionRoleUpdated as handleTargetFunctionRoleUpdated,
} from "../records/access-manager";
