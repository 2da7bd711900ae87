package dev.freshet.bench.contender;

import dev.freshet.bench.load.LoadLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/// nginx with one worker as one would set it up for streams: no buffering, kept-alive connections on both sides.
public final class Nginx implements Contender {
    private static final Duration START_LIMIT = Duration.ofSeconds(10);

    private final ProxyProcess process;
    private final int port;

    private Nginx(ProxyProcess process, int port) {
        this.process = process;
        this.port = port;
    }

    /// Starts it in an empty folder, and waits until it listens.
    ///
    /// @throws BenchException where it is not installed or does not start
    public static Nginx start(Path folder, Cores cores, LoadLoop loop, int upstreamPort) throws IOException {
        version();
        int port = ProxyProcess.freePort();
        Path file = Files.writeString(folder.resolve("nginx.conf"), configuration(folder, port, upstreamPort));
        ProxyProcess process = ProxyProcess.start(
                folder,
                cores.ofProxy(),
                List.of(
                        "nginx",
                        "-p",
                        folder.toString(),
                        "-e",
                        folder.resolve("error.log").toString(),
                        "-c",
                        file.toString()));
        process.await(loop, START_LIMIT, () -> listens(port));
        return new Nginx(process, port);
    }

    /// Such as `nginx/1.22.1`.
    ///
    /// @throws BenchException where it is not installed
    public static String version() throws IOException {
        try {
            String text = Commands.output("nginx", "-v").strip();
            return text.substring(text.lastIndexOf(' ') + 1);
        } catch (BenchException e) {
            throw new BenchException("nginx is needed: apt-get install -y nginx-light (" + e.getMessage() + ")");
        }
    }

    private static String configuration(Path folder, int port, int upstreamPort) {
        return """
                daemon off;
                worker_processes 1;
                worker_rlimit_nofile 20000;
                pid %1$s/nginx.pid;
                events { worker_connections 20000; }
                http {
                  access_log off;
                  client_body_temp_path %1$s/body;
                  proxy_temp_path %1$s/proxy;
                  fastcgi_temp_path %1$s/fastcgi;
                  uwsgi_temp_path %1$s/uwsgi;
                  scgi_temp_path %1$s/scgi;
                  keepalive_timeout 600s;
                  keepalive_requests 1000000;
                  upstream provider {
                    server 127.0.0.1:%3$d;
                    keepalive 4096;
                    keepalive_requests 1000000;
                    keepalive_timeout 600s;
                  }
                  server {
                    listen 127.0.0.1:%2$d backlog=4096;
                    location / {
                      proxy_pass http://provider;
                      proxy_http_version 1.1;
                      proxy_set_header Connection "";
                      proxy_buffering off;
                      proxy_read_timeout 600s;
                    }
                  }
                }
                """.formatted(folder, port, upstreamPort);
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public String name() {
        return "nginx";
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public double readyMillis() {
        return process.readyMillis();
    }

    @Override
    public OptionalLong cpuNanos() throws IOException {
        return OptionalLong.of(process.cpuNanos());
    }

    @Override
    public Footprint footprint() throws IOException {
        long resident = process.residentBytes();
        return new Footprint(resident, resident);
    }

    @Override
    public void close() throws IOException {
        process.close();
    }
}
