// A Boost.Beast HTTP server on our TCP: Beast does not notice,
// because a Stream is what Asio calls a stream.
//
//     GET /hello ──▶ ┌───────────────┐
//                    │ Boost.Beast   │  7
//                    │ session::Stream  5
//                    │ tcp ipv4 nic  │  4 3 2
//                    └───── cable ───┘  1     or a TAP
//
//     beast_server                      the server asks itself, in virtual time
//     beast_server --tap strata0        asked by Beast on the kernel's sockets
//     beast_server --tap strata0 --stay runs until Ctrl-C: curl http://10.88.0.1/hello
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "stage.hpp"

using namespace examples;
namespace http = boost::beast::http;
using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

Response answer(const Request& request, unsigned visit) {
    Response response{http::status::ok, request.version()};
    response.set(http::field::server, "strata beast_server");
    response.set(http::field::content_type, "text/plain; charset=utf-8");
    if (request.target() == "/hello") {
        response.body() = "hello, visitor " + std::to_string(visit) + "\n";
    } else {
        response.result(http::status::not_found);
        response.body() = "there is only /hello\n";
    }
    response.keep_alive(request.keep_alive());
    response.prepare_payload();
    return response;
}

awaitable<void> converse(Stream stream, unsigned visit) {
    boost::beast::flat_buffer buffer;
    for (;;) {
        Request request;
        error_code error;
        co_await http::async_read(stream, buffer, request, asio::redirect_error(use_awaitable, error));
        if (error) co_return;  // the client has no more questions
        Response response = answer(request, visit);
        co_await http::async_write(stream, response, use_awaitable);
        if (!response.keep_alive()) break;
    }
    (void)stream.shut_down_sending();  // where the peer has left already, there is nothing to end
}

awaitable<void> serve(session::Acceptor acceptor) {
    for (unsigned visit = 1;; ++visit) {
        Stream stream = co_await acceptor.async_accept(use_awaitable);
        asio::co_spawn(acceptor.get_executor(), converse(std::move(stream), visit), [](std::exception_ptr) {
            // A client that leaves in mid-answer loses only its own answer.
        });
    }
}

awaitable<Response> get(Network& network, Address server, std::string target) {
    Stream stream = co_await network.async_connect(server, use_awaitable);
    Request request{http::verb::get, target, 11};
    request.set(http::field::host, server.to_string());
    request.keep_alive(false);
    co_await http::async_write(stream, request, use_awaitable);
    boost::beast::flat_buffer buffer;
    Response response;
    co_await http::async_read(stream, buffer, response, use_awaitable);
    co_return response;
}

awaitable<void> until_interrupted() {
    asio::signal_set signals(co_await asio::this_coro::executor, SIGINT, SIGTERM);
    co_await signals.async_wait(use_awaitable);
}

int main(int count, char** values) {
    return run_example(count, values, [](const Options& options) {
        const auto stage = set_stage(options);
        auto acceptor = stage->server().listen(stage->place(80));
        const Address there = acceptor.local();
        stage->beside(serve(std::move(acceptor)));
        const Response found = stage->play(get(stage->client(), there, "/hello"));
        const Response missing = stage->play(get(stage->client(), there, "/secret"));
        std::printf("GET http://%s/hello -> %u %s", there.to_string().c_str(), found.result_int(),
                    found.body().c_str());
        std::printf("GET http://%s/secret -> %u %s", there.to_string().c_str(), missing.result_int(),
                    missing.body().c_str());
        if (options.stay && options.where != Options::Where::in_virtual_time) {
            std::printf("serving until Ctrl-C: curl http://%s/hello\n", there.to_string().c_str());
            std::fflush(stdout);
            stage->play(until_interrupted());
        }
        const bool well = found.body() == "hello, visitor 1\n" && missing.result() == http::status::not_found;
        return well ? 0 : 1;
    });
}
