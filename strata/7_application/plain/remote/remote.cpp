#include "strata/7_application/plain/remote/remote.hpp"

#include "strata/7_application/plain/client.hpp"

namespace strata::application::plain {

session::asio::awaitable<void> FetchRemote::read(std::string target, OutputFile& out, Progress on_progress) {
    const Url url = url_of(std::move(target));
    auto name = http::name_of_target(url.target);
    if (!name || name->empty())
        throw TransferError("the URL " + url.to_string() + " names no file; write fetch://HOST[:PORT]/NAME");
    co_await fetch(network_, url.host, url.port, std::move(*name), options_.fetch_encoding, out, std::move(on_progress),
                   options_.client);
}

}  // namespace strata::application::plain
