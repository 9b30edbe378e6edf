import type { Permissions } from "../permissions.port.ts";

const scaling = (action: string) => `application-autoscaling:${action}`;
const ALARMS = ["cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"];
const SERVICE = ["ecs:DescribeServices", "ecs:UpdateService"];
const readTarget = [scaling("DescribeScalableTargets"), scaling("ListTagsForResource")];
const readPolicy = [scaling("DescribeScalingPolicies")];
const readAction = [scaling("DescribeScheduledActions")];
const readSchedule = ["autoscaling:DescribeScheduledActions"];

/**
 * Of the resources of a capacity stack, by the service authorisation reference of Amazon EC2 Auto Scaling and Application Auto Scaling. The latter also
 * checks what the caller may do with the service and its alarms (Application Auto Scaling User Guide, permissions validation). The provider reads
 * what it has written.
 */
export const permissions: Permissions = {
  types: {
    "aws:autoscaling/schedule:Schedule": {
      create: ["autoscaling:PutScheduledUpdateGroupAction", ...readSchedule],
      read: readSchedule,
      update: ["autoscaling:PutScheduledUpdateGroupAction", ...readSchedule],
      delete: ["autoscaling:DeleteScheduledAction"],
    },
    "aws:appautoscaling/target:Target": {
      create: [scaling("RegisterScalableTarget"), ...SERVICE, ...readTarget],
      read: readTarget,
      update: [scaling("RegisterScalableTarget"), ...SERVICE, ...readTarget],
      delete: [scaling("DeregisterScalableTarget"), scaling("DescribeScalableTargets")],
    },
    "aws:appautoscaling/policy:Policy": {
      create: [scaling("PutScalingPolicy"), ...ALARMS, ...readPolicy],
      read: readPolicy,
      update: [scaling("PutScalingPolicy"), ...ALARMS, ...readPolicy],
      delete: [scaling("DeleteScalingPolicy"), ...ALARMS],
    },
    "aws:appautoscaling/scheduledAction:ScheduledAction": {
      create: [scaling("PutScheduledAction"), ...readAction],
      read: readAction,
      update: [scaling("PutScheduledAction"), ...readAction],
      delete: [scaling("DeleteScheduledAction")],
    },
  },
  functions: { "aws:autoscaling/getGroup:getGroup": ["autoscaling:DescribeAutoScalingGroups"] },
};
