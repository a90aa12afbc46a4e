import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.regex.Pattern;

/**
 * A client of the service that needs nothing but Java 17.
 *
 * <p>Run by {@code make clients}: it checks an order that is late, and lists what is not met.
 */
public class Client {
    private static final Pattern BREACH =
            Pattern.compile("\"rule\": \"([^\"]+)\"[^}]*?\"severity\": \"breach\"[^}]*?\"message\": \"([^\"]+)\"");

    public static void main(String[] arguments) throws IOException, InterruptedException {
        String order = """
                [{"reference": "made-up-1", "order_type": "community_order", "sentence_date": "%s",
                  "required_minutes": 6000, "completed_minutes": 4500, "extended": false}]
                """;
        HttpResponse<String> found = check(arguments[0], order.formatted("2024-02-29"));
        BREACH.matcher(found.body()).results()
                .forEach(one -> System.out.println("made-up-1 " + one.group(1) + ": " + one.group(2)));
        HttpResponse<String> wrong = check(arguments[0], order.formatted("2024-02-30"));
        System.out.println("refused: " + wrong.statusCode() + " " + wrong.headers().firstValue("Content-Type").orElse(""));
    }

    private static HttpResponse<String> check(String address, String orders)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + "/v1/check/unpaid-work?on=2025-03-01"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(orders))
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }
}
