#include "strata/7_application/plain/server.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <vector>

#include "strata/6_presentation/charset.hpp"
#include "strata/7_application/plain/name.hpp"
#include "strata/7_application/serving/deliver.hpp"

namespace strata::application::plain {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;

namespace {

constexpr std::size_t unread_max = 64 << 10;  // that a client may send behind its name

// What a server's conversations have in common.
struct Shared {
    session::Network& network;
    OpenFiles files;
    Server::Log log;
    Server::Options options;
    presentation::Charset charset;
};

class PlainConversation final : public WatchedConversation {
public:
    PlainConversation(std::shared_ptr<Shared> shared, Client with)
        : WatchedConversation(shared->network, std::move(with), shared->options.patience), shared_(std::move(shared)) {}

    awaitable<void> converse() override {
        client.place->set_idle(true);
        const std::optional<std::string> raw = co_await read_name();
        client.place->set_idle(false);
        named_ = true;
        if (raw) co_await answer(*raw);
    }
    void leave() override {
        if (!named_) abort();
    }

private:
    [[nodiscard]] awaitable<std::optional<std::string>> read_name();
    [[nodiscard]] awaitable<void> answer(const std::string& raw);
    [[nodiscard]] awaitable<void> send_file(const OpenFile& file, RequestReport& report);

    std::shared_ptr<Shared> shared_;
    bool named_ = false;  // it has said what it wants
};

// Nothing if the client left, or said nothing.
awaitable<std::optional<std::string>> PlainConversation::read_name() {
    NameReader reader;
    std::vector<char> buffer(name_max);
    bool complete = false;
    watchdog->only_cancels(true);  // quiet ends a name, not the conversation
    while (!complete) {
        // Before the first byte a client may think; after it, quiet means that this was the name.
        watchdog->expect_within(reader.name().empty() ? shared_->options.name_timeout : shared_->options.quiet);
        error_code error;
        const auto count =
            co_await client.stream.async_read_some(asio::buffer(buffer), redirect_error(use_awaitable, error));
        const bool ended = error == asio::error::eof || watchdog->barked();
        if (error && !ended) co_return std::nullopt;
        complete = reader.add({buffer.data(), count}) || ended;
    }
    watchdog->reset();
    watchdog->only_cancels(false);
    if (reader.name().empty()) co_return std::nullopt;
    co_return reader.name();
}

awaitable<void> PlainConversation::answer(const std::string& raw) {
    const presentation::Charset& charset = shared_->charset;
    const Instant began = shared_->network.now();
    RequestReport report{client.address, charset.decode(raw, presentation::OnInvalid::replace).value_or("?")};
    const auto name = charset.decode(raw);
    auto file = name ? shared_->files.open(*name, began) : std::unexpected(name.error());
    report.found = file && !(*file)->facts().folder;
    if (report.found) co_await send_file(**file, report);
    const bool arrived = report.found && report.ending == Ending::whole;
    report.took = (arrived ? watchdog->arrived_at() : shared_->network.now()) - began;
    if (shared_->log) shared_->log(report);
    if (!report.found) (void)co_await part(client.stream, *watchdog, unread_max);
}

// As many bytes as the file had when it was opened: by the end of the stream the client knows that
// it has them all, and a file that became shorter, or longer, meanwhile must not look like the one
// that was asked for. What could not be sent whole is reset.
awaitable<void> PlainConversation::send_file(const OpenFile& file, RequestReport& report) {
    client.stream.set_reset_at_death(true);  // until close(), which comes when all has arrived
    const Outgoing out{{}, {file.descriptor(), 0, file.facts().size, file.facts().device}};
    const error_code error = co_await deliver(client.stream, *watchdog, out);
    bool arrived = false;
    if (!error) {
        arrived = co_await part(client.stream, *watchdog, unread_max);
    } else {
        watchdog->look();
        client.stream.abort();
    }
    report.bytes = std::min(watchdog->arrived(), file.facts().size);
    if (!arrived) report.ending = why_lost(cut_off, error == asio::error::eof, watchdog->barked());
}

// There are no words for it on the wire: a reset, before the first byte.
void turn_away(const Shared& shared, Client client) {
    client.stream.abort();
    RequestReport report{client.address};
    report.turned_away = true;
    if (shared.log) shared.log(report);
}

Conversations conversations_of(const std::shared_ptr<Shared>& shared) {
    return {shared->network,
            {.places = shared->options.places, .client_behind = shared->options.client_behind},
            [shared](Client client) { return std::make_unique<PlainConversation>(shared, std::move(client)); },
            [shared](Client client, NoPlace) {
                turn_away(*shared, std::move(client));
                return nullptr;
            }};
}

}  // namespace

Server::Server(session::Network& network, const FileRoot& root, Log log, Options options)
    : StreamService(network, conversations_of(
                                 std::make_shared<Shared>(network, OpenFiles(root, options.files), std::move(log),
                                                          options, presentation::Charset::named(options.encoding)))) {}

}  // namespace strata::application::plain
