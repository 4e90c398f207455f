// HttpServer: a served folder and a client's network, in virtual time, over our own stack;
// SlowReader, a client that takes its time.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "strata/7_application/http/server/server.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::application::http::test {

namespace asio = session::asio;
using asio::use_awaitable;
using session::Address;
using session::Stream;

inline std::string big_text() {
    std::string text(1 << 20, '\0');
    SeededEntropy entropy(9);
    entropy.fill(std::as_writable_bytes(std::span(text)));
    return text;
}

inline std::shared_ptr<Places> places(const PlacesOptions& options) { return std::make_shared<Places>(options); }

struct HttpServer : strata::test::ServedFolder {
    HttpServer() {
        folder.write("hello.txt", "hello, world\n");
        folder.write("sub/说明.txt", "text");
        folder.write("big.bin", big_text());
        folder.write("empty", "");
    }
    void serve(ServerOptions options = {}) {
        http = std::make_unique<Server>(
            server.network(), root, [this](const RequestReport& report) { reports.push_back(report); }, options);
        http->start(server.network().listen({Ipv4Address{}, 80}));
    }
    // Sends the text unchanged, and returns all that comes until the server closes.
    std::string exchange(std::string request, bool half_close = true) {
        if (!http) serve();
        std::string answer;
        asio::co_spawn(lab.io(), converse(client.network(), std::move(request), half_close, answer),
                       [](std::exception_ptr failed) {
                           if (failed) std::rethrow_exception(failed);
                       });
        lab.run_for(10min);
        return answer;
    }
    static asio::awaitable<void> converse(session::Network& network, std::string request, bool half_close,
                                          std::string& answer) {
        Stream stream = co_await network.async_connect(Address{Ipv4Address{10, 0, 0, 2}, 80}, use_awaitable);
        session::error_code error;
        co_await asio::async_write(stream, asio::buffer(request), asio::redirect_error(use_awaitable, error));
        if (half_close) (void)stream.shut_down_sending();
        co_await asio::async_read(stream, asio::dynamic_buffer(answer), asio::redirect_error(use_awaitable, error));
    }
    std::string get(const std::string& target, const std::string& fields = "") {
        return exchange("GET " + target + " HTTP/1.1\r\nHost: x\r\n" + fields + "Connection: close\r\n\r\n");
    }
    static std::string body(const std::string& answer) {
        const auto end = answer.find("\r\n\r\n");
        return end == std::string::npos ? "" : answer.substr(end + 4);
    }
    static std::string field(const std::string& answer, const std::string& name) {
        const auto at = answer.find("\r\n" + name + ": ");
        if (at == std::string::npos) return "";
        const auto start = at + name.size() + 4;
        return answer.substr(start, answer.find("\r\n", start) - start);
    }

    std::unique_ptr<Server> http;
    std::vector<RequestReport> reports;
};

// A client that takes `count` bytes at a time, and pauses in between.
struct SlowReader {
    std::string received;
    session::error_code error;
    Stream stream;
    asio::awaitable<void> read(session::Network& network, std::string request, std::size_t count, Duration pause) {
        stream = co_await network.async_connect(Address{Ipv4Address{10, 0, 0, 2}, 80}, use_awaitable);
        co_await asio::async_write(stream, asio::buffer(request), use_awaitable);
        session::Timer timer = network.make_timer();
        std::string some(count, 0);
        while (!error) {
            timer.expires_after(pause);
            co_await timer.async_wait(use_awaitable);
            const std::size_t got =
                co_await stream.async_read_some(asio::buffer(some), asio::redirect_error(use_awaitable, error));
            received.append(some, 0, got);
        }
    }
};

}  // namespace strata::application::http::test
