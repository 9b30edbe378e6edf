import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import service from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import type { CloudProvider } from "./cloud-provider.port.ts";
import type { Properties } from "./world.ts";

/**
 * Serves a provider to Pulumi's engine over its plugin protocol (`proto/pulumi/provider.proto`). The server of Pulumi's SDK does not announce
 * that it can preview: then all that depends on a changed resource counts as unknown, and a preview shows replacements that never come.
 *
 * Prints the port to standard output, as the engine expects of a plugin, and goes on until it is ended.
 */
export async function serve(provider: CloudProvider): Promise<void> {
  const server = new Server({ "grpc.max_receive_message_length": 1024 ** 2 * 400 });
  server.addService(
    (service as unknown as { ResourceProviderService: ServiceDefinition }).ResourceProviderService,
    implementation(provider),
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  console.log(String(port));
}

// biome-ignore lint/suspicious/noExplicitAny: the messages are generated without types that grpc-js takes
type Message = any;

function answering(answer: (request: Message) => Message | Promise<Message>): handleUnaryCall<Message, Message> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => answer(call.request))
      .then(
        (response) => callback(null, response),
        (error: Error) => callback({ code: status.UNKNOWN, message: error.message, details: error.message }),
      );
  };
}

const plain = (value: Message): Properties => (value?.toJavaScript() ?? {}) as Properties;
const packed = (properties: Properties) =>
  struct.Struct.fromJavaScript(properties as Parameters<typeof struct.Struct.fromJavaScript>[0]);

function implementation(provider: CloudProvider): UntypedServiceImplementation {
  const nothing = answering(() => new empty.Empty());
  return {
    getPluginInfo: answering(() => {
      const response = new plugin.PluginInfo();
      response.setVersion(provider.version);
      return response;
    }),
    getSchema: answering(() => {
      const response = new messages.GetSchemaResponse();
      response.setSchema("{}");
      return response;
    }),
    checkConfig: answering((request) => checked(plain(request.getNews()), [])),
    diffConfig: answering(() => new messages.DiffResponse()),
    configure: answering(() => {
      const response = new messages.ConfigureResponse();
      response.setSupportspreview(true);
      return response;
    }),
    invoke: answering(async (request) => {
      const response = new messages.InvokeResponse();
      response.setReturn(packed(await provider.invoke(request.getTok(), plain(request.getArgs()))));
      return response;
    }),
    check: answering((request) => {
      const { inputs, failures } = provider.check(request.getUrn(), plain(request.getNews()));
      return checked(inputs, failures);
    }),
    diff: answering((request) => {
      const { replaces, deleteFirst } = provider.diff(
        request.getUrn(),
        plain(request.getOlds()),
        plain(request.getNews()),
      );
      // What changes is left unsaid: then Pulumi works out each property that does.
      const response = new messages.DiffResponse();
      response.setReplacesList([...replaces]);
      response.setDeletebeforereplace(deleteFirst);
      return response;
    }),
    create: answering(async (request) => {
      const response = new messages.CreateResponse();
      const inputs = plain(request.getProperties());
      if (request.getPreview()) {
        response.setProperties(packed(inputs));
        return response;
      }
      const { id, outputs } = await provider.create(request.getUrn(), inputs);
      response.setId(id);
      response.setProperties(packed(outputs));
      return response;
    }),
    update: answering(async (request) => {
      const response = new messages.UpdateResponse();
      const [id, urn, news] = [request.getId(), request.getUrn(), plain(request.getNews())];
      const outputs = request.getPreview()
        ? provider.preview(urn, plain(request.getOlds()), news)
        : await provider.update(id, urn, news);
      response.setProperties(packed(outputs));
      return response;
    }),
    read: answering(async (request) => {
      const response = new messages.ReadResponse();
      const found = await provider.read(request.getId(), request.getUrn(), plain(request.getProperties()));
      if (found === undefined) return response;
      response.setId(request.getId());
      response.setProperties(packed(found.outputs));
      response.setInputs(packed(found.inputs));
      return response;
    }),
    delete: answering(async (request) => {
      await provider.delete(request.getId(), request.getUrn());
      return new empty.Empty();
    }),
    cancel: nothing,
    attach: nothing,
  };
}

function checked(inputs: Properties, failures: readonly { property: string; reason: string }[]): Message {
  const response = new messages.CheckResponse();
  response.setInputs(packed(inputs));
  response.setFailuresList(
    failures.map(({ property, reason }) => {
      const failure = new messages.CheckFailure();
      failure.setProperty(property);
      failure.setReason(reason);
      return failure;
    }),
  );
  return response;
}
