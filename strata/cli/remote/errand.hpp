// Errand: what get, put and ls do with servers: over one network, one thing after the other, with
// further attempts where one may pass, until it is done or Ctrl-C.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "strata/7_application/remote/remote.hpp"
#include "strata/cli/open_network.hpp"
#include "strata/cli/remote/arguments.hpp"

namespace strata::cli {

// Of a command line. Throws WrongUse, which says how to write one.
[[nodiscard]] application::Url parse_url_argument(const std::string& text);

class Errand {
public:
    using Task = std::function<boost::asio::awaitable<void>(application::Remote&)>;

    // `arguments` and `options` outlive it. Throws WrongUse.
    Errand(const RemoteArguments& arguments, const application::RemoteOptions& options)
        : net_(parse_net_option(arguments.net)), options_(options), retries_(arguments.retries) {}
    Errand(const Errand&) = delete;
    Errand& operator=(const Errand&) = delete;
    ~Errand() = default;

    // One thing to do with the server of this URL: the conversation of the one before goes on, if
    // it was with the same. The first one opens the network. Throws what the last attempt did, or
    // Interrupted: `advice` says what is left then.
    void run(const application::Url& url, const Task& task, const std::function<std::string()>& advice = {});
    // One more like that of the task that runs.
    [[nodiscard]] std::unique_ptr<application::Remote> another(const application::Url& url) const;
    // Says goodbye to the server of the last one.
    void leave();
    // One sentence that is no failure; nothing if it shall be quiet.
    void notice(const std::string& text) const;

private:
    void run_to_end(boost::asio::awaitable<void> what, const std::function<std::string()>& advice);

    NetOption net_;
    const application::RemoteOptions& options_;
    unsigned retries_;
    boost::asio::io_context io_{1};
    std::unique_ptr<OpenedNetwork> opened_;
    std::unique_ptr<application::Remote> remote_;
};

// Does `each` of so many things. One that fails does not keep the others away: its sentence is
// told, and at the end a failure that counts them, "2 of 5 files WHAT; see above". Only one fails
// with its own. An interruption ends all.
void for_each_of(std::size_t count, const std::string& what, const std::function<void(std::size_t)>& each);

}  // namespace strata::cli
