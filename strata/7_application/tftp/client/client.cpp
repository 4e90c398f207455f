#include "strata/7_application/tftp/client/client.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/tftp/client/exchange.hpp"
#include "strata/7_application/tftp/client/keeping.hpp"
#include "strata/7_application/tftp/server/negotiation.hpp"
#include "strata/7_application/tftp/transfer/receiving.hpp"
#include "strata/7_application/tftp/transfer/sending.hpp"

namespace strata::application::tftp {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;

namespace {

constexpr std::size_t request_size_lawful = 512;  // RFC 2347

// Ends with whoever waits for it.
class Waited {
public:
    explicit Waited(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
    Waited(const Waited&) = delete;
    Waited& operator=(const Waited&) = delete;
    ~Waited() { exchange_->leave(); }
    Exchange& operator*() const { return *exchange_; }
    Exchange* operator->() const { return exchange_.get(); }

private:
    std::shared_ptr<Exchange> exchange_;
};

// What is to be transferred, in one of the two directions.
struct Job {
    RemoteFile remote;
    RequestOptions options;
    std::string cannot;  // "cannot fetch 'x' from h port 69"
    std::vector<session::Address> servers{};
    const Reading* from = nullptr;
    Keeping* to = nullptr;
    Progress on_progress{};
};

std::string described(const RemoteFile& remote, std::string_view verb, std::string_view preposition) {
    return "cannot " + std::string(verb) + " '" + printable(remote.name) + "' " + std::string(preposition) + " " +
           printable(remote.host) + " port " + std::to_string(remote.port);
}

awaitable<std::vector<session::Address>> find(session::Network& network, RemoteFile remote, std::string cannot) {
    error_code error;
    const auto found = co_await network.async_resolve(remote.host, redirect_error(use_awaitable, error));
    if (error) throw PassingError(cannot + ": " + error.message() + "; check the host's name");
    std::vector<session::Address> servers;
    for (const IpAddress& address : found) servers.emplace_back(address, remote.port);
    co_return servers;
}

OptionValues options_for(session::Network& network, const Job& job, bool with_options) {
    OptionValues asked;
    if (!with_options) return asked;
    std::size_t blksize = job.options.blksize;
    if (blksize == 0) {
        blksize = blksize_most;
        for (const session::Address& server : job.servers) {
            const IpAddress& address = server.endpoint().address;
            blksize = std::min(blksize, blksize_for(network.path_mtu(address), address.version()));
        }
    }
    asked.blksize = std::clamp(static_cast<std::uint32_t>(blksize), blksize_least, blksize_most);
    const std::size_t fits = std::max<std::size_t>(job.options.window_bytes_max / *asked.blksize, 1);
    const auto windowsize = static_cast<std::uint32_t>(std::min<std::size_t>(job.options.windowsize, fits));
    if (windowsize > 1) asked.windowsize = std::min(windowsize, windowsize_most);
    asked.sliding = windowsize > 1 && job.options.sliding;
    if (job.options.timeout) asked.timeout = std::clamp(*job.options.timeout, 1u, timeout_most);
    if (job.options.mode == Mode::octet) asked.tsize = job.from != nullptr ? job.from->size() : 0;
    return asked;
}

Exchange::Asked request_for(session::Network& network, const Job& job, bool with_options) {
    const OptionValues options = options_for(network, job, with_options);
    Request request;
    request.write = job.from != nullptr;
    request.file = job.remote.name;
    request.mode = std::string(name_of(job.options.mode));
    request.options = list_of(options);
    if (request.file.empty() || request.file.contains('\0') || serialize(request).size() > request_size_lawful) {
        throw TransferError(job.cannot +
                            ": a request has room for a name of 1 to about 400 bytes; choose another name");
    }
    return {std::move(request), options, job.servers};
}

std::unique_ptr<Transfer> transfer_for(session::Network& network, Exchange& exchange, const Job& job) {
    const RequestOptions& options = job.options;
    if (job.from != nullptr)
        return std::make_unique<Sending>(exchange, *job.from, options.mode, options.transfer, network.entropy());
    return std::make_unique<Receiving>(exchange, *job.to, options.mode, options.transfer, network.entropy());
}

[[noreturn]] void fail(const Job& job, const Outcome& outcome) {
    if (job.to != nullptr && job.to->failure()) std::rethrow_exception(job.to->failure());
    switch (outcome.how) {
        case Outcome::How::refused: {
            std::string why(in_words(outcome.code));
            if (!outcome.text.empty()) why += " (\"" + printable(outcome.text) + "\")";
            throw TransferError(job.cannot + ": the server refuses: " + why +
                                "; check the name, and what the server allows");
        }
        case Outcome::How::silent:
            throw PassingError(job.cannot + ": " + outcome.text +
                               "; check that a TFTP server runs there, and that no filter is between");
        default: throw PassingError(job.cannot + ": " + outcome.text + "; try again, or with other options");
    }
}

void show_progress(const Job& job, const Exchange& exchange, std::uint64_t& shown) {
    const std::uint64_t done = exchange.transfer().bytes();
    if (!job.on_progress || done == shown) return;
    shown = done;
    std::optional<std::uint64_t> total;
    if (job.options.mode == Mode::octet) total = job.from != nullptr ? job.from->size() : job.to->expected();
    job.on_progress(done, total);
}

// False: the server does not like options.
awaitable<bool> attempt(session::Network& network, Job& job, bool with_options) {
    const auto made = std::make_shared<Exchange>(network, request_for(network, job, with_options));
    const Waited exchange(made);
    Exchange::OnOptions on_options = [&job](const OptionValues& values) {
        if (job.to != nullptr && values.tsize) job.to->expect(*values.tsize);
    };
    made->begin(transfer_for(network, *made, job), std::move(on_options));
    std::uint64_t shown = 0;
    while (!made->transfer().outcome()) {
        co_await made->changed();
        show_progress(job, *made, shown);
    }
    if (made->may_be_refused_for_options()) co_return false;
    if (made->transfer().outcome()->how != Outcome::How::whole) fail(job, *made->transfer().outcome());
    co_return true;
}

awaitable<void> carry_out(session::Network& network, Job& job) {
    job.servers = co_await find(network, job.remote, job.cannot);
    const bool first = co_await attempt(network, job, job.options.ask_options);
    if (first) co_return;
    const bool second = co_await attempt(network, job, false);
    if (!second) throw TransferError(job.cannot + ": the server refuses; check the name");
}

}  // namespace

awaitable<void> get(session::Network& network, RemoteFile from, OutputFile& out, Progress on_progress,
                    RequestOptions options) {
    Keeping keeping(out);
    Job job{from, options, described(from, "fetch", "from")};
    job.to = &keeping;
    job.on_progress = std::move(on_progress);
    co_await carry_out(network, job);
}

awaitable<void> put(session::Network& network, RemoteFile to, std::shared_ptr<const Reading> from, Progress on_progress,
                    RequestOptions options) {
    Job job{to, options, described(to, "put", "on")};
    job.from = from.get();
    job.on_progress = std::move(on_progress);
    co_await carry_out(network, job);
}

}  // namespace strata::application::tftp
