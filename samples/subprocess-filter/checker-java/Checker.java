import com.google.gson.JsonParser;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Refuses a request when one of the configured headers is missing or has another value: checker -c FILE, the file as {"User": "admin"}. */
public final class Checker {
    private static final int REFUSE = -1;

    private Checker() {
    }

    public static void main(String[] args) throws Exception {
        if (args.length != 2 || !args[0].equals("-c")) {
            System.err.println("usage: checker -c FILE");
            System.exit(2);
        }
        if (!"ON".equals(System.getenv("MOSN_PLUGIN"))) {
            System.err.println("This program is a plugin: a proxy starts it.");
            System.exit(1);
        }
        var required = new HashMap<String, String>();
        for (var entry : JsonParser.parseString(Files.readString(Path.of(args[1]))).getAsJsonObject().entrySet()) {
            required.put(entry.getKey(), entry.getValue().getAsString());
        }
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(plugin(required))
            .build()
            .start();
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
        System.out.println("1|1|tcp|127.0.0.1:" + server.getPort() + "|grpc");
        // The proxy ends its plugins when it ends; this is for the day that it could not.
        var parent = ProcessHandle.current().parent();
        while (!server.awaitTermination(1, TimeUnit.SECONDS)) {
            if (!ProcessHandle.current().parent().equals(parent)) {
                System.exit(0);
            }
        }
    }

    /** The service proto.Plugin with its one method. */
    private static ServerServiceDefinition plugin(Map<String, String> required) {
        var call = MethodDescriptor.<Map<String, String>, Integer>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("proto.Plugin/Call")
            .setRequestMarshaller(new Request())
            .setResponseMarshaller(new Response())
            .build();
        return ServerServiceDefinition.builder("proto.Plugin")
            .addMethod(call, ServerCalls.asyncUnaryCall((headers, answer) -> {
                boolean passes = required.entrySet().stream().allMatch(entry -> entry.getValue().equals(headers.get(entry.getKey())));
                answer.onNext(passes ? 0 : REFUSE);
                answer.onCompleted();
            }))
            .build();
    }

    /** Reads of a proto.Request the headers, which are all that the checker looks at: map&lt;string, string&gt; header = 1. */
    private static final class Request implements MethodDescriptor.Marshaller<Map<String, String>> {
        @Override
        public InputStream stream(Map<String, String> value) {
            throw new UnsupportedOperationException("requests are only read");
        }

        @Override
        public Map<String, String> parse(InputStream stream) {
            var headers = new HashMap<String, String>();
            try {
                var input = CodedInputStream.newInstance(stream);
                for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
                    if (WireFormat.getTagFieldNumber(tag) == 1) {
                        readEntry(input, headers);
                    } else {
                        input.skipField(tag);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return headers;
        }

        private static void readEntry(CodedInputStream input, Map<String, String> headers) throws IOException {
            int limit = input.pushLimit(input.readRawVarint32());
            String name = "";
            String value = "";
            for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
                switch (WireFormat.getTagFieldNumber(tag)) {
                    case 1 -> name = input.readString();
                    case 2 -> value = input.readString();
                    default -> input.skipField(tag);
                }
            }
            headers.put(name, value);
            input.popLimit(limit);
        }
    }

    /** Writes a proto.Response that is nothing but int32 status = 4. */
    private static final class Response implements MethodDescriptor.Marshaller<Integer> {
        @Override
        public InputStream stream(Integer status) {
            var bytes = new ByteArrayOutputStream();
            try {
                var output = CodedOutputStream.newInstance(bytes);
                output.writeInt32(4, status);
                output.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return new ByteArrayInputStream(bytes.toByteArray());
        }

        @Override
        public Integer parse(InputStream stream) {
            throw new UnsupportedOperationException("responses are only written");
        }
    }
}
