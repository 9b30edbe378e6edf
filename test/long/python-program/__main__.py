"""A user's own stack: a group of machines that Foreshadow scales, and something of theirs that it must not touch."""

from datetime import datetime, timezone

import pulumi
import pulumi_aws as aws

from capacity import capacity

web = capacity("web")
template = aws.ec2.LaunchTemplate(
    "web-template",
    image_id="ami-simulated",
    instance_type=web.per_replica["instance"],
    update_default_version=True,
)
tags = {"nodes": "karpenter.sh/nodepool"} if pulumi.Config("shop").get_bool("nodes") else {"team": "team"}
group = aws.autoscaling.Group(
    "web",
    min_size=web.present,
    max_size=web.ceiling,
    vpc_zone_identifiers=["subnet-simulated"],
    launch_template={"id": template.id, "version": template.latest_version.apply(str)},
    wait_for_capacity_timeout="0",
    tags=[{"key": key, "value": "shop", "propagate_at_launch": True} for key in tags.values()],
)
for step in web.ahead:
    at = datetime.fromtimestamp(step.at, timezone.utc)
    name = f"web-at-{at:%Y%m%dt%H%M%Sz}"
    aws.autoscaling.Schedule(
        name,
        scheduled_action_name=name,
        autoscaling_group_name=group.name,
        start_time=f"{at:%Y-%m-%dT%H:%M:%SZ}",
        min_size=step.floor,
        max_size=web.ceiling,
        desired_capacity=-1,
    )
# What nobody expects: with a large floor the program changes something that is not the workload's.
aws.cloudwatch.LogGroup("audit", retention_in_days=30 if web.floor < 8 else 90)
