#include "strata/cli/remote/errand.hpp"

#include <fmt/format.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/remote/registry/registry.hpp"
#include "strata/7_application/transfer/retries.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/interruption.hpp"

namespace strata::cli {
namespace {
constexpr std::chrono::milliseconds farewell{200};  // of what was interrupted
}

application::Url parse_url_argument(const std::string& text) {
    const auto url = application::parse_remote_url(text);
    if (!url) throw WrongUse(application::explain_url(text));
    return *url;
}

void Errand::notice(const std::string& text) const {
    if (options_.client.on_notice) options_.client.on_notice(text);
}

void Errand::run(const application::Url& url, const Task& task, const std::function<std::string()>& advice) {
    if (!opened_) opened_ = open_network(io_, net_, {});
    if (!remote_ || !remote_->serves(url)) {
        leave();
        remote_ = application::make_remote(opened_->network(), url, options_);
    }
    const application::RetryOptions retries{.retries_max = retries_};
    const std::function<boost::asio::awaitable<void>()> attempt = [this, &task] { return task(*remote_); };
    run_to_end(application::with_retries(opened_->network(), retries, options_.client.on_notice, attempt), advice);
}

std::unique_ptr<application::Remote> Errand::another(const application::Url& url) const {
    return application::make_remote(opened_->network(), url, options_);
}

void Errand::leave() {
    if (!remote_) return;
    run_to_end(remote_->leave(), {});
    remote_.reset();
}

void Errand::run_to_end(boost::asio::awaitable<void> what, const std::function<std::string()>& advice) {
    io_.restart();
    Interruption interruption(io_);
    std::exception_ptr failed;
    boost::asio::cancellation_signal cancellation;
    auto ended = [&](std::exception_ptr thrown) {
        failed = thrown;
        // Our own stack's last segments (the FIN) leave before it is taken down; after an
        // interruption all that the farewell has time for.
        if (!interruption.came()) boost::asio::post(io_, [this] { io_.stop(); });
    };
    boost::asio::co_spawn(io_, std::move(what),
                          boost::asio::bind_cancellation_slot(cancellation.slot(), std::move(ended)));
    io_.run();
    if (interruption.came()) {
        // What waits ends while all that it speaks of is there, and
        // peers are told where there is a word for it.
        io_.restart();
        cancellation.emit(boost::asio::cancellation_type::terminal);
        io_.run_for(farewell);
        throw Interrupted(advice ? "interrupted; " + advice() : "interrupted");
    }
    try {
        if (failed) std::rethrow_exception(failed);
    } catch (const application::OutputInterrupted& error) {
        throw Interrupted(error.what());
    }
}

void for_each_of(std::size_t count, const std::string& what, const std::function<void(std::size_t)>& each) {
    if (count == 1) return each(0);
    std::size_t failures = 0;
    for (std::size_t i = 0; i < count; ++i) {
        try {
            each(i);
        } catch (const Interrupted&) {
            throw;
        } catch (const std::exception& error) {
            fmt::print(stderr, "strata: {}\n", printable(error.what()));
            ++failures;
        }
    }
    if (failures > 0) throw std::runtime_error(fmt::format("{} of {} files {}; see above", failures, count, what));
}

}  // namespace strata::cli
