#include "strata/7_application/control/server.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

#include "strata/7_application/serving/deliver.hpp"

namespace strata::application::control {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;

namespace {

struct Shared {
    session::Network& network;
    Server::Respond respond;
    Server::Options options;
};

bool is_question(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char letter) { return letter >= ' ' && letter <= '~'; });
}

class Asked final : public WatchedConversation {
public:
    Asked(std::shared_ptr<Shared> shared, Client with)
        : WatchedConversation(shared->network, std::move(with), shared->options.patience), shared_(std::move(shared)) {}

    awaitable<void> converse() override {
        const std::optional<std::string> question = co_await read_question();
        if (!question) co_return;
        const std::string answer = answer_to(*question);
        const Outgoing out{bytes_of(answer)};
        const error_code error = co_await deliver(client.stream, *watchdog, out);
        if (!error) (void)co_await part(client.stream, *watchdog, question_max);
    }

private:
    // Nothing if none was asked in time, or it is longer than any.
    [[nodiscard]] awaitable<std::optional<std::string>> read_question() {
        std::array<char, question_max> buffer{};
        std::size_t filled = 0;
        watchdog->expect_within(shared_->options.question_timeout);
        for (;;) {
            error_code error;
            const std::size_t count = co_await client.stream.async_read_some(
                asio::buffer(buffer.data() + filled, buffer.size() - filled), redirect_error(use_awaitable, error));
            if (error) co_return std::nullopt;
            filled += count;
            const std::string_view text{buffer.data(), filled};
            const std::size_t end = text.find('\n');
            if (end != std::string_view::npos) {
                watchdog->reset();
                co_return std::string{text.substr(0, end)};
            }
            if (filled == buffer.size()) co_return std::string{};
        }
    }

    [[nodiscard]] std::string answer_to(const std::string& question) const {
        if (!is_question(question)) return "no this is no question: words of ASCII in one line are\n";
        Answer answer = shared_->respond(question);
        if (!answer.given) return "no " + answer.text + "\n";
        if (answer.text.size() > shared_->options.answer_max) return "no the answer would be too long\n";
        return "ok\n" + answer.text;
    }

    std::shared_ptr<Shared> shared_;
};

Conversations conversations_of(const std::shared_ptr<Shared>& shared) {
    return {shared->network,
            {.places = std::make_shared<Places>(PlacesOptions{.connections_max = shared->options.askers_max})},
            [shared](Client client) { return std::make_unique<Asked>(shared, std::move(client)); }};
}

}  // namespace

Server::Server(session::Network& network, Respond respond, Options options)
    : StreamService(network, conversations_of(std::make_shared<Shared>(network, std::move(respond), options))) {}

}  // namespace strata::application::control
