// TLS over our own TCP, in virtual time: a Stream like any other, and
// nothing that looks whole and is not.
#include "strata/6_presentation/tls/tls.hpp"

#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <functional>

#include "tests/support/certificates.hpp"
#include "tests/support/forwarding_stream.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::presentation {
namespace {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;
using session::Stream;

std::string text_of(std::size_t size) {
    std::string text(size, '\0');
    SeededEntropy entropy(size);
    entropy.fill(std::as_writable_bytes(std::span(text)));
    return text;
}

using Side = std::function<awaitable<void>(Stream stream)>;

// Its close_notify is lost; its TCP ends in order.
class Mute final : public test::ForwardingStream {
public:
    using ForwardingStream::ForwardingStream;
    [[nodiscard]] std::size_t write_now(const session::ConstBufferList&, error_code& error) override {
        error = asio::error::would_block;
        return 0;
    }
};

struct Tls : test::ServedFolder {
    Tls() { test::write_certificate(folder.path(), "server"); }
    [[nodiscard]] std::string path(const std::string& name) const { return folder.path() / name; }

    awaitable<void> accept(Side side) {
        session::Acceptor acceptor = server.network().listen({Ipv4Address{}, 443});
        Stream below = co_await acceptor.async_accept(use_awaitable);
        if (mute) below = Stream{std::make_unique<Mute>(std::move(below))};
        const TlsServer tls(path("server.pem"), path("server.key"));
        co_await side(tls.over(std::move(below)));
    }
    awaitable<void> connect(Side side) {
        Stream below = co_await client.network().async_connect({Ipv4Address{10, 0, 0, 2}, 443}, use_awaitable);
        const TlsClient tls(options);
        co_await side(tls.over(std::move(below), host, client.network().calendar()));
    }
    // Both sides meet; what failed at the client, in words.
    std::string meet(Side at_server, Side at_client, Duration at_most = 1h) {
        begin(accept(std::move(at_server)), server_failure);
        return failure_of(connect(std::move(at_client)), at_most);
    }

    TlsOptions options{.authorities = path("server.pem")};
    std::string host = "server.test";
    std::string server_failure;
    bool mute = false;
};

awaitable<void> nothing(Stream stream) {
    std::string text;
    error_code error;
    co_await asio::async_read(stream, asio::dynamic_buffer(text), redirect_error(use_awaitable, error));
}

// Writes all, ends its side, and reads to the end.
awaitable<void> exchange(Stream stream, std::string sent, std::string& received, error_code& error) {
    co_await stream.async_write(asio::buffer(sent), use_awaitable);
    (void)stream.shut_down_sending();
    co_await asio::async_read(stream, asio::dynamic_buffer(received), redirect_error(use_awaitable, error));
}

TEST_F(Tls, CarriesBytesBothWaysAndEndsEachWayByItself) {
    const std::string request = text_of(300'000), answer = text_of(3'000'000);
    std::string at_server, at_client;
    error_code server_error, client_error;
    const std::string failure = meet(
        [&](Stream stream) -> awaitable<void> {
            co_await asio::async_read(stream, asio::dynamic_buffer(at_server),
                                      redirect_error(use_awaitable, server_error));
            // The client has ended its side, and still reads.
            co_await stream.async_write(asio::buffer(answer), use_awaitable);
        },
        [&](Stream stream) -> awaitable<void> {
            co_await exchange(std::move(stream), request, at_client, client_error);
        });
    EXPECT_EQ(failure + server_failure, "");
    EXPECT_EQ(server_error, asio::error::eof);
    EXPECT_EQ(client_error, asio::error::eof);
    EXPECT_TRUE(at_server == request);
    EXPECT_TRUE(at_client == answer);
}

TEST_F(Tls, ReadsAndWritesAtOnce) {
    const std::string text = text_of(2'000'000);
    std::array<std::string, 2> received;
    const auto write = [&text](std::shared_ptr<Stream> stream) -> awaitable<void> {
        co_await stream->async_write(asio::buffer(text), use_awaitable);
        (void)stream->shut_down_sending();
    };
    const auto talk = [&](std::string& to) {
        return [&write, &to](Stream given) -> awaitable<void> {
            const auto stream = std::make_shared<Stream>(std::move(given));
            asio::co_spawn(stream->get_executor(), write(stream),
                           [](std::exception_ptr failed) { EXPECT_FALSE(failed); });
            error_code error;
            co_await asio::async_read(*stream, asio::dynamic_buffer(to), redirect_error(use_awaitable, error));
            EXPECT_EQ(error, asio::error::eof);
        };
    };
    EXPECT_EQ(meet(talk(received[0]), talk(received[1])), "");
    EXPECT_TRUE(received[0] == text);
    EXPECT_TRUE(received[1] == text);
}

// The client's first write is refused with what is wrong.
struct TlsCertificate : Tls {
    error_code refused() {
        error_code error;
        EXPECT_EQ(meet(nothing,
                       [&](Stream stream) -> awaitable<void> {
                           co_await stream.async_write(asio::buffer("x", 1), redirect_error(use_awaitable, error));
                       }),
                  "");
        return error;
    }
    static error_code certificate(int fault) { return {fault, certificate_category()}; }
};

TEST_F(TlsCertificate, IsTakenForTheHostsThatItNames) { EXPECT_EQ(refused(), error_code{}); }
TEST_F(TlsCertificate, IsTakenForAnAddressThatItNames) {
    host = "10.0.0.2";
    EXPECT_EQ(refused(), error_code{});
}
TEST_F(TlsCertificate, IsTakenForAFullyQualifiedName) {
    host = "server.test.";
    EXPECT_EQ(refused(), error_code{});
}
TEST_F(TlsCertificate, OfAnotherHostIsRefused) {
    host = "other.test";
    EXPECT_EQ(refused(), certificate(X509_V_ERR_HOSTNAME_MISMATCH));
}
TEST_F(TlsCertificate, OfAnotherAddressIsRefused) {
    host = "10.0.0.3";
    EXPECT_EQ(refused(), certificate(X509_V_ERR_IP_ADDRESS_MISMATCH));
}
TEST_F(TlsCertificate, ThatNobodySignedIsRefused) {
    options.authorities = "";  // the system's
    EXPECT_EQ(refused(), certificate(X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT));
}
TEST_F(TlsCertificate, ThatIsOverIsRefused) {
    test::write_certificate(folder.path(), "server", {.until = "20010101000000Z"});
    EXPECT_EQ(refused(), certificate(X509_V_ERR_CERT_HAS_EXPIRED));
}
TEST_F(TlsCertificate, ThatIsToComeIsRefused) {
    test::write_certificate(folder.path(), "server", {.since = "20990101000000Z"});
    EXPECT_EQ(refused(), certificate(X509_V_ERR_CERT_NOT_YET_VALID));
}
TEST_F(TlsCertificate, IsNotLookedAtWhenNobodyWantsToKnow) {
    options = {.verify = false};
    host = "other.test";
    EXPECT_EQ(refused(), error_code{});
}

TEST_F(Tls, FilesThatCannotBeUsedAreNamed) {
    folder.write("nonsense.pem", "nonsense");
    options.authorities = path("nonsense.pem");
    EXPECT_TRUE(meet(nothing, nothing).contains("nonsense.pem' cannot be used"));
    EXPECT_THROW(TlsServer(path("missing.pem"), path("server.key")), TlsError);
    EXPECT_THROW(TlsServer(path("server.pem"), path("missing.key")), TlsError);
    try {
        const TlsServer tls(path("missing.pem"), path("server.key"));
    } catch (const TlsError& error) {
        EXPECT_TRUE(std::string(error.what()).contains("No such file")) << error.what();
    }
}

// What no certificate can be looked at for must not be a conversation with anybody.
TEST_F(Tls, AHostThatCannotBeLookedForIsNone) {
    for (const std::string& name : {std::string("server.test\0.evil", 17), std::string(), std::string(".")}) {
        host = name;
        EXPECT_TRUE(meet(nothing, nothing).contains("no certificate can be for")) << name;
    }
}

// RFC 8446 6.1: without close_notify nobody knows whether that was all.
TEST_F(Tls, AnEndWithoutAWordIsNoEnd) {
    mute = true;
    std::string received;
    error_code error;
    const auto say_little = [](Stream stream) -> awaitable<void> {
        char byte = 0;
        co_await asio::async_read(stream, asio::buffer(&byte, 1), use_awaitable);
        const std::string text(1000, 'x');
        co_await stream.async_write(asio::buffer(text), use_awaitable);
    };
    const auto read_all = [&](Stream stream) -> awaitable<void> {
        co_await stream.async_write(asio::buffer("x", 1), use_awaitable);
        co_await asio::async_read(stream, asio::dynamic_buffer(received), redirect_error(use_awaitable, error));
    };
    EXPECT_EQ(meet(say_little, read_all), "");
    EXPECT_EQ(server_failure, "");
    EXPECT_EQ(received, std::string(1000, 'x'));
    EXPECT_EQ(error, TlsFault::truncated);
}

TEST_F(Tls, AResetIsOne) {
    error_code error;
    const auto reset = [](Stream stream) -> awaitable<void> {
        char byte = 0;
        co_await asio::async_read(stream, asio::buffer(&byte, 1), use_awaitable);
        stream.abort();
        EXPECT_FALSE(stream.is_open());
    };
    const auto read = [&](Stream stream) -> awaitable<void> {
        co_await stream.async_write(asio::buffer("x", 1), use_awaitable);
        char byte = 0;
        co_await asio::async_read(stream, asio::buffer(&byte, 1), redirect_error(use_awaitable, error));
    };
    EXPECT_EQ(meet(reset, read), "");
    EXPECT_EQ(error, asio::error::connection_reset);
}

TEST_F(Tls, WhoDoesNotSpeakItIsToldApart) {
    std::array<error_code, 3> errors;
    const auto speak_http = [&]() -> awaitable<void> {
        session::Acceptor acceptor = server.network().listen({Ipv4Address{}, 443});
        Stream stream = co_await acceptor.async_accept(use_awaitable);
        const std::string answer = "HTTP/1.1 400 Bad Request\r\n\r\n";
        co_await stream.async_write(asio::buffer(answer), use_awaitable);
        co_await nothing(std::move(stream));
    };
    begin(speak_http(), server_failure);
    const auto write = [&](Stream stream) -> awaitable<void> {
        co_await stream.async_write(asio::buffer("x", 1), redirect_error(use_awaitable, errors[0]));
        // It stays so, whatever is asked.
        co_await stream.async_write(asio::buffer("x", 1), redirect_error(use_awaitable, errors[1]));
        char byte = 0;
        co_await stream.async_read_some(asio::buffer(&byte, 1), redirect_error(use_awaitable, errors[2]));
    };
    EXPECT_EQ(failure_of(connect(write), 1h), "");
    EXPECT_EQ(&errors[0].category(), &tls_category()) << errors[0].message();
    EXPECT_NE(errors[0].value(), 0);
    EXPECT_EQ(errors[1], errors[0]);
    EXPECT_EQ(errors[2], errors[0]);
}

// The rules of every Stream.
TEST_F(Tls, OneReadAndOneWriteAtATimeAndAnyCanBeCancelled) {
    std::vector<std::string> seen;
    const auto note = [&seen](std::string what) {
        return [&seen, what = std::move(what)](error_code error, std::size_t) {
            seen.push_back(what + ": " +
                           (error == asio::error::operation_aborted ? "aborted"
                            : error == asio::error::in_progress     ? "in progress"
                                                                    : error.message()));
        };
    };
    const std::string large(4 << 20, 'x');
    std::array<char, 8> bytes{};
    const auto not_reading = [&](Stream stream) -> awaitable<void> {
        session::Timer timer = server.network().make_timer();
        char byte = 0;
        co_await stream.async_read_some(asio::buffer(&byte, 1), use_awaitable);
        timer.expires_after(10s);
        co_await timer.async_wait(use_awaitable);
    };
    const auto ask = [&](Stream stream) -> awaitable<void> {
        session::Timer timer = client.network().make_timer();
        stream.async_read_some(asio::buffer(bytes), note("read"));
        stream.async_read_some(asio::buffer(bytes), note("second read"));
        stream.async_wait_readable([&](error_code error) { note("wait")(error, 0); });
        stream.async_write(asio::buffer(large), note("write"));
        stream.async_write(asio::buffer(large), note("second write"));
        timer.expires_after(5s);
        co_await timer.async_wait(use_awaitable);
        error_code error;
        EXPECT_EQ(stream.write_now(asio::buffer(large), error), 0u);
        EXPECT_EQ(error, asio::error::would_block);
        EXPECT_GT(stream.unacknowledged(), 0u);
        stream.cancel();
        timer.expires_after(1ms);
        co_await timer.async_wait(use_awaitable);
        stream.async_wait_readable([&](error_code failed) { note("wait alone")(failed, 0); });
        stream.close();
        stream.async_read_some(asio::buffer(bytes), note("read when closed"));
        stream.async_write(asio::buffer(bytes), note("write when closed"));
        EXPECT_FALSE(stream.is_open());
        timer.expires_after(1ms);
        co_await timer.async_wait(use_awaitable);
    };
    EXPECT_EQ(meet(not_reading, ask), "");
    const std::string closed = error_code(asio::error::bad_descriptor).message();
    EXPECT_EQ(seen,
              (std::vector<std::string>{"second read: in progress", "wait: in progress", "second write: in progress",
                                        "read: aborted", "write: aborted", "wait alone: aborted",
                                        "read when closed: " + closed, "write when closed: " + closed}));
}

TEST_F(Tls, SaysWhenThereIsSomethingToRead) {
    std::string read;
    const auto speak = [&](Stream stream) -> awaitable<void> {
        session::Timer timer = server.network().make_timer();
        char byte = 0;
        co_await stream.async_read_some(asio::buffer(&byte, 1), use_awaitable);
        timer.expires_after(3s);
        co_await timer.async_wait(use_awaitable);
        co_await stream.async_write(asio::buffer("hello", 5), use_awaitable);
    };
    const auto listen = [&](Stream stream) -> awaitable<void> {
        co_await stream.async_write(asio::buffer("x", 1), use_awaitable);
        const Instant began = client.network().now();
        // What TLS has to say itself is nothing to read.
        co_await stream.async_wait_readable(use_awaitable);
        EXPECT_GE(client.network().now() - began, 2900ms);
        std::array<char, 3> some{};
        co_await stream.async_read_some(asio::buffer(some), use_awaitable);
        co_await stream.async_wait_readable(use_awaitable);
        std::array<char, 8> rest{};
        const std::size_t count = co_await stream.async_read_some(asio::buffer(rest), use_awaitable);
        read = std::string(some.data(), 3) + std::string(rest.data(), count);
        co_await stream.async_wait_readable(use_awaitable);
        error_code error;
        co_await stream.async_read_some(asio::buffer(rest), redirect_error(use_awaitable, error));
        EXPECT_EQ(error, asio::error::eof);
    };
    EXPECT_EQ(meet(speak, listen), "");
    EXPECT_EQ(read, "hello");
}

// Whether one was resumed is known too; that a ticket is taken is seen in interop/users_test.py.
TEST_F(Tls, AServerKnowsWhenHandsAreShaken) {
    const Certificate certificate = make_certificate({"server.test"}, client.network().calendar());
    const TlsServer tls(certificate);
    const auto facts = std::make_shared<TlsFacts>();
    EXPECT_FALSE(facts->is_shaken);
    const auto serve = [&]() -> awaitable<void> {
        session::Acceptor acceptor = server.network().listen({Ipv4Address{}, 443});
        Stream below = co_await acceptor.async_accept(use_awaitable);
        Stream stream = tls.over(std::move(below), facts);
        std::string text;
        error_code error;
        co_await asio::async_read(stream, asio::dynamic_buffer(text), redirect_error(use_awaitable, error));
        EXPECT_EQ(text, "hello");
        EXPECT_TRUE(facts->is_shaken);
        EXPECT_FALSE(facts->is_resumed) << "it was the first";
    };
    begin(serve(), server_failure);
    options.verify = false;
    options.authorities.clear();
    std::string received;
    error_code error;
    EXPECT_EQ(
        failure_of(connect([&](Stream stream) { return exchange(std::move(stream), "hello", received, error); }), 1h),
        "");
    EXPECT_EQ(server_failure, "");
    EXPECT_TRUE(facts->is_shaken);
}

// RFC 8446 2.2: as the data connections of FTP do.
TEST_F(Tls, GoesOnWithTheSessionOfAnother) {
    const TlsServer at_server(path("server.pem"), path("server.key"));
    std::vector<std::shared_ptr<TlsFacts>> facts;
    const auto serve = [&]() -> awaitable<void> {
        session::Acceptor acceptor = server.network().listen({Ipv4Address{}, 443});
        std::vector<Stream> all;
        for (int i = 0; i < 4; ++i) {
            Stream below = co_await acceptor.async_accept(use_awaitable);
            facts.push_back(std::make_shared<TlsFacts>());
            all.push_back(at_server.over(std::move(below), facts.back()));
            co_await all.back().async_write(asio::buffer("x", 1), use_awaitable);
        }
    };
    const auto call = [&]() -> awaitable<void> {
        const TlsClient tls(options);
        TlsManner manner;
        manner.protocol = "ftp";
        manner.session = std::make_shared<TlsSession>();
        std::vector<Stream> all;
        char byte = 0;
        for (int i = 0; i < 4; ++i) {
            if (i == 3) all.clear();  // the first is gone: there is nothing to go on with
            Stream below = co_await client.network().async_connect({Ipv4Address{10, 0, 0, 2}, 443}, use_awaitable);
            all.push_back(tls.over(std::move(below), host, client.network().calendar(), manner));
            co_await asio::async_read(all.back(), asio::buffer(&byte, 1), use_awaitable);
        }
    };
    begin(serve(), server_failure);
    EXPECT_EQ(failure_of(call(), 1h), "");
    EXPECT_EQ(server_failure, "");
    ASSERT_EQ(facts.size(), 4u);
    EXPECT_FALSE(facts[0]->is_resumed);
    EXPECT_TRUE(facts[1]->is_resumed);
    EXPECT_TRUE(facts[2]->is_resumed);
    EXPECT_FALSE(facts[3]->is_resumed);
}

// A server may want to see that: whoever has no session of these conversations is refused before
// he has said a word.
TEST_F(Tls, ASessionMayHaveToBeGoneOnWith) {
    options.authorities = path("server.pem");
    const TlsServer at_server(path("server.pem"), path("server.key"));
    std::vector<std::shared_ptr<TlsFacts>> facts;
    std::vector<error_code> errors;
    const std::vector<TlsAcceptance> ways{{"a", false}, {"a", true}, {"b", true}, {"", true}, {"a", true}};
    const auto serve = [&]() -> awaitable<void> {
        session::Acceptor acceptor = server.network().listen({Ipv4Address{}, 443});
        std::vector<Stream> all;
        for (const TlsAcceptance& how : ways) {
            Stream below = co_await acceptor.async_accept(use_awaitable);
            facts.push_back(std::make_shared<TlsFacts>());
            all.push_back(at_server.over(std::move(below), how, facts.back()));
            errors.emplace_back();
            co_await all.back().async_write(asio::buffer("x", 1), redirect_error(use_awaitable, errors.back()));
        }
    };
    std::vector<std::size_t> heard;
    const auto call = [&]() -> awaitable<void> {
        const TlsClient tls(options);
        TlsManner with;
        with.session = std::make_shared<TlsSession>();
        std::vector<Stream> all;
        char byte = 0;
        for (std::size_t i = 0; i < ways.size(); ++i) {
            Stream below = co_await client.network().async_connect({Ipv4Address{10, 0, 0, 2}, 443}, use_awaitable);
            const TlsManner without;
            all.push_back(tls.over(std::move(below), host, client.network().calendar(), i == 4 ? without : with));
            error_code error;
            auto reading = asio::async_read(all.back(), asio::buffer(&byte, 1), redirect_error(use_awaitable, error));
            heard.push_back(co_await std::move(reading));
        }
    };
    begin(serve(), server_failure);
    EXPECT_EQ(failure_of(call(), 1h), "");
    EXPECT_EQ(server_failure, "");
    EXPECT_EQ(heard, (std::vector<std::size_t>{1, 1, 0, 0, 0}));
    const error_code refused = make_error_code(TlsFault::not_resumed);
    EXPECT_EQ(errors, (std::vector<error_code>{{}, {}, refused, refused, refused}));
    ASSERT_EQ(facts.size(), ways.size());
    EXPECT_TRUE(facts[1]->is_resumed);
    EXPECT_FALSE(facts[2]->is_resumed);
    EXPECT_THROW((void)at_server.over(Stream{}, {std::string(33, 'x'), false}), TlsError);
}

// Whoever has nothing to say shakes hands for its end: else it would be nobody's.
TEST_F(Tls, AnEndBeforeAnyWordIsAnEnd) {
    std::string at_server, at_client;
    error_code server_error, client_error;
    const std::string failure =
        meet([&](Stream stream) { return exchange(std::move(stream), "", at_server, server_error); },
             [&](Stream stream) { return exchange(std::move(stream), "", at_client, client_error); });
    EXPECT_EQ(failure + server_failure, "");
    EXPECT_EQ(server_error, asio::error::eof);
    EXPECT_EQ(client_error, asio::error::eof);
}

}  // namespace
}  // namespace strata::presentation
