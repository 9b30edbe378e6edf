import { plain } from "../plain.ts";
import { type SimulatedCloud, sdkVersion } from "../provider.ts";
import { scalablePolicy, scalableTarget, scheduledAction } from "./application-scaling.ts";
import { autoScalingGroup, describeGroup } from "./auto-scaling-group.ts";
import { arn } from "./aws-error.ts";
import { containerService } from "./container-service.ts";
import { ebsVolume } from "./ebs-volume.ts";
import { groupPolicy } from "./group-policy.ts";
import { groupSchedule } from "./group-schedule.ts";
import { launchTemplate } from "./launch-template.ts";
import { loadBalancer } from "./load-balancer.ts";
import { permissions } from "./permissions.ts";
import { taskDefinition } from "./task-definition.ts";

const named = (service: string, kind: string, replaces: string[] = []) =>
  plain(kind, { replaces, outputs: (id, { name = id }) => ({ name, arn: arn(service, `${kind}/${id}`) }) });

/** The part of AWS that the stack of this package is made of. Resources that only have to be there are kept as they are given. */
export const simulatedAws: SimulatedCloud = {
  name: "aws",
  version: sdkVersion("@pulumi/aws"),
  types: {
    "aws:ec2/vpc:Vpc": named("ec2", "vpc", ["cidrBlock"]),
    "aws:ec2/subnet:Subnet": named("ec2", "subnet", ["vpcId", "cidrBlock", "availabilityZone"]),
    "aws:ec2/internetGateway:InternetGateway": named("ec2", "igw"),
    "aws:ec2/routeTable:RouteTable": named("ec2", "rtb", ["vpcId"]),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": plain("rtbassoc", { replaces: ["subnetId"] }),
    "aws:ec2/securityGroup:SecurityGroup": named("ec2", "sg", ["vpcId", "name", "description"]),
    "aws:ec2/launchTemplate:LaunchTemplate": launchTemplate,
    "aws:ebs/volume:Volume": ebsVolume,
    "aws:iam/role:Role": named("iam", "role", ["name"]),
    "aws:iam/rolePolicy:RolePolicy": plain("policy", { replaces: ["role"] }),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": plain("attachment", { replaces: ["role", "policyArn"] }),
    "aws:iam/instanceProfile:InstanceProfile": named("iam", "profile", ["name"]),
    "aws:lb/loadBalancer:LoadBalancer": loadBalancer,
    "aws:lb/targetGroup:TargetGroup": named("elasticloadbalancing", "targetgroup", ["port", "protocol", "vpcId"]),
    "aws:lb/listener:Listener": named("elasticloadbalancing", "listener", ["loadBalancerArn"]),
    "aws:cloudwatch/logGroup:LogGroup": named("logs", "log-group", ["name"]),
    "aws:ecs/cluster:Cluster": named("ecs", "cluster", ["name"]),
    "aws:ecs/taskDefinition:TaskDefinition": taskDefinition,
    "aws:ecs/service:Service": containerService,
    "aws:appautoscaling/target:Target": scalableTarget,
    "aws:appautoscaling/policy:Policy": scalablePolicy,
    "aws:appautoscaling/scheduledAction:ScheduledAction": scheduledAction,
    "aws:autoscaling/group:Group": autoScalingGroup,
    "aws:autoscaling/policy:Policy": groupPolicy,
    "aws:autoscaling/schedule:Schedule": groupSchedule,
  },
  functions: { "aws:autoscaling/getGroup:getGroup": describeGroup },
  permissions,
};
