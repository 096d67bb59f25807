import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Pattern;

/** Java's own client, which offers HTTP/2 with its first request, and boundaries as JavaMail makes them. */
public class WithJava {
    static final String URL = System.getenv("TIERPIX_URL");
    static final String BOUNDARY = "----=_Part_1_" + System.nanoTime();
    static final HttpClient CLIENT = HttpClient.newHttpClient();

    public static void main(String[] arguments) throws Exception {
        byte[] picture = Files.readAllBytes(Path.of(System.getenv("PICTURE")));
        byte[] form = form(picture);
        // Once with its length, once in chunks.
        BodyPublisher chunks = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(form));
        for (BodyPublisher body : new BodyPublisher[] {BodyPublishers.ofByteArray(form), chunks}) {
            HttpRequest.Builder upload = ask("/api/v1/images_upload/");
            upload.header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY).POST(body);
            HttpResponse<String> uploaded = CLIENT.send(upload.build(), BodyHandlers.ofString());
            check(uploaded.statusCode() == 201, uploaded.body());
            String id = find("\"id\":\"([^\"]+)\"", uploaded.body());
            HttpRequest list = ask("/api/v1/images/?page_size=1").build();
            check(CLIENT.send(list, BodyHandlers.ofString()).body().contains(id), "the list");

            String link = find("\"expiring_link\":\"([^\"]+)\"", uploaded.body());
            HttpResponse<byte[]> first = part(link, "bytes=0-999", "\"\"");
            check(first.statusCode() == 200, "a range of another state gets the whole");
            first = part(link, "bytes=0-999", null);
            check(first.statusCode() == 206 && first.body().length == 1000, "the first part");
            HttpResponse<byte[]> rest = part(link, "bytes=1000-", first.headers().firstValue("ETag").get());
            check(rest.statusCode() == 206, "the rest");
            byte[] whole = Arrays.copyOf(first.body(), picture.length);
            System.arraycopy(rest.body(), 0, whole, 1000, rest.body().length);
            check(Arrays.equals(whole, picture), "both parts are the picture");
        }
    }

    static HttpRequest.Builder ask(String path) {
        byte[] credentials = ("admin:" + System.getenv("TIERPIX_PASSWORD")).getBytes(StandardCharsets.UTF_8);
        String basic = "Basic " + Base64.getEncoder().encodeToString(credentials);
        return HttpRequest.newBuilder(URI.create(URL + path)).header("Authorization", basic);
    }

    static HttpResponse<byte[]> part(String link, String range, String state) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(link)).header("Range", range);
        if (state != null) {
            request.header("If-Range", state);
        }
        return CLIENT.send(request.build(), BodyHandlers.ofByteArray());
    }

    static byte[] form(byte[] picture) throws Exception {
        var form = new java.io.ByteArrayOutputStream();
        String seconds = "--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"expiring_time_seconds\"\r\n\r\n3600\r\n";
        String image = "--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"image\"; filename=\"Straße.jpg\"\r\n\r\n";
        form.write((seconds + image).getBytes(StandardCharsets.UTF_8));
        form.write(picture);
        form.write(("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8));
        return form.toByteArray();
    }

    static String find(String pattern, String text) {
        var matcher = Pattern.compile(pattern).matcher(text);
        check(matcher.find(), pattern + " in " + text);
        return matcher.group(1);
    }

    static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
