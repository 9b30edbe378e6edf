import { generateKeyPairSync } from "node:crypto";
import { expectSame, expectWithin } from "./expect.ts";
import type { Contract, Placed } from "./sandbox.port.ts";

const HOUR = 3_600_000;
const TYPES = {
  resourceGroup: "azure-native:resources:ResourceGroup",
  network: "azure-native:network:VirtualNetwork",
  scaleSet: "azure-native:compute:VirtualMachineScaleSet",
  setting: "azure-native:monitor:AutoscaleSetting",
  disk: "azure-native:compute:Disk",
};

/** Profiles of a scale set's autoscale setting, and growth of a Premium SSD v2. */
export const azureContract: Contract = {
  cost: "a resource group with a network, at most 3 machines Standard_B1s and a Premium SSD v2 of 2 GiB for about 30 minutes: under 0.05 USD by list prices",

  checks(sandbox) {
    const { name, region: location, patience } = sandbox;
    const place = { resourceGroupName: name, location, tags: { foreshadow: name } };
    let scaleSet: Promise<Placed> | undefined;
    const lay = async () => {
      await sandbox.put("place", TYPES.resourceGroup, place);
      const network = await sandbox.put("network", TYPES.network, {
        ...place,
        virtualNetworkName: name,
        addressSpace: { addressPrefixes: ["10.99.0.0/24"] },
        subnets: [{ name: "machines", addressPrefix: "10.99.0.0/25" }],
      });
      const [subnet] = network.outputs.subnets as { id: string }[];
      return sandbox.put("scale-set", TYPES.scaleSet, {
        ...place,
        vmScaleSetName: name,
        sku: { name: "Standard_B1s", tier: "Standard", capacity: 1 },
        overprovision: false,
        upgradePolicy: { mode: "Manual" },
        virtualMachineProfile: {
          storageProfile: {
            imageReference: { publisher: "Canonical", offer: "ubuntu-24_04-lts", sku: "server", version: "latest" },
            osDisk: { createOption: "FromImage", managedDisk: { storageAccountType: "Standard_LRS" } },
          },
          osProfile: {
            computerNamePrefix: "conform",
            adminUsername: "operator",
            linuxConfiguration: {
              disablePasswordAuthentication: true,
              ssh: { publicKeys: [{ path: "/home/operator/.ssh/authorized_keys", keyData: publicKey() }] },
            },
          },
          networkProfile: {
            networkInterfaceConfigurations: [
              {
                name: "machine",
                primary: true,
                ipConfigurations: [{ name: "machine", primary: true, subnet: { id: subnet.id } }],
              },
            ],
          },
        },
      });
    };
    const profile = (of: string, minimum: number, from?: number, until?: number) => ({
      name: of,
      capacity: { minimum: String(minimum), default: String(minimum), maximum: "3" },
      ...(from === undefined ? {} : { fixedDate: { start: instant(from), end: instant(until!), timeZone: "UTC" } }),
      rules: [],
    });
    const setting = async (...profiles: ReturnType<typeof profile>[]) => {
      scaleSet ??= lay();
      return sandbox.put("setting", TYPES.setting, {
        ...place,
        autoscaleSettingName: name,
        enabled: true,
        targetResourceUri: (await scaleSet).id,
        profiles,
      });
    };
    const count = async () => {
      const { sku } = await sandbox.look("azure-native:compute:getVirtualMachineScaleSet", {
        resourceGroupName: name,
        vmScaleSetName: name,
      });
      return (sku as { capacity?: number }).capacity;
    };

    return [
      {
        behaviour: "a raised minimum raises the count",
        async run() {
          await setting(profile("base", 2));
          await expectWithin("the scale set's count", patience, count, 2);
        },
      },
      {
        behaviour:
          "a profile may begin at the instant at which another ends, and one that has passed is kept without effect",
        async run() {
          const now = Math.floor(Date.now() / 1000) * 1000;
          await setting(
            profile("base", 1),
            profile("passed", 1, now - 2 * HOUR, now - HOUR),
            profile("begun", 3, now - HOUR, now + HOUR),
          );
          await expectWithin("the scale set's count", patience, count, 3);
          const profiles = (await sandbox.read("setting"))?.profiles as {
            name: string;
            fixedDate?: { start: string };
          }[];
          expectSame(
            "profiles",
            profiles.map((one) => one.name),
            ["base", "passed", "begun"],
          );
          expectSame("the form of an instant", profiles[1].fixedDate?.start, instant(now - 2 * HOUR));
        },
      },
      {
        behaviour: "a Premium SSD v2 grows",
        async run() {
          const disk = (diskSizeGB: number) =>
            sandbox.put("disk", TYPES.disk, {
              ...place,
              diskName: name,
              zones: ["1"],
              sku: { name: "PremiumV2_LRS" },
              creationData: { createOption: "Empty" },
              diskSizeGB,
            });
          const { id } = await disk(1);
          expectSame("the same disk", (await disk(2)).id, id);
          expectSame("its size", (await sandbox.read("disk"))?.diskSizeGB, 2);
        },
      },
    ];
  },
};

function instant(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

/** A key of which nobody has the private half, in the form of OpenSSH (RFC 4253, RFC 8709): Azure makes no Linux machine without one. */
function publicKey(): string {
  const { x } = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
  const field = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  const blob = Buffer.concat([field(Buffer.from("ssh-ed25519")), field(Buffer.from(x!, "base64url"))]);
  return `ssh-ed25519 ${blob.toString("base64")}`;
}
