#include "strata/7_application/nfs/client/version3/session.hpp"

#include <boost/asio/use_awaitable.hpp>

#include "strata/7_application/nfs/v3/folders.hpp"

namespace strata::application::nfs::client {

using session::asio::awaitable;

namespace {
constexpr std::uint32_t size_least = 512;  // of servers that say nonsense
constexpr unsigned well_before_growing = 32;
}  // namespace

Session::Session(session::Network& network, const NfsOptions& options, std::shared_ptr<session::rpc::Client> server,
                 session::rpc::CallOptions calls, Mounted mounted)
    : network_(network),
      options_(options),
      server_(std::move(server)),
      calls_(std::move(calls)),
      mounted_(std::move(mounted)) {}

awaitable<void> Session::ask_limits() {
    const v3::OfOne root{mounted_.root};
    const auto called = co_await ask<v3::FsinfoResults>(v3::Procedure::fsinfo, root);
    const v3::FsinfoResults& said = called.value;
    check(said.status);
    read_ = size_of(said.read_preferred, said.read_max);
    write_ = size_of(said.write_preferred, said.write_max);
    const std::uint32_t page_most = mounted_.by_datagrams ? options_.datagram_data_max : options_.listing_reply_max;
    const std::uint32_t page = said.folder_preferred == 0 ? page_most : said.folder_preferred;
    listing_size_ = std::max(std::min(page, page_most), std::min(4 * size_least, page_most));
    knows_links_ = (said.properties & v3::FsinfoResults::links) != 0;
}

Session::Size Session::size_of(std::uint32_t preferred, std::uint32_t most) const noexcept {
    std::uint32_t size = mounted_.by_datagrams ? options_.datagram_data_max : options_.data_max;
    if (most != 0) size = std::min(size, most);
    if (preferred != 0) size = std::min(size, preferred);
    size = std::max(size, size_least);
    return {.now = size, .most = size, .went_well = 0};
}

void Session::adapt(Size& size) noexcept {
    const std::uint64_t repeated_now = repeated();
    if (!mounted_.by_datagrams) return;
    if (repeated_now != std::exchange(repeated_seen_, repeated_now)) {
        size.now = std::max(size.now / 2, std::min(options_.data_least, size.most));
        size.went_well = 0;
    } else if (++size.went_well >= well_before_growing) {
        size.now = std::min(size.now * 2, size.most);
        size.went_well = 0;
    }
}

void Session::throw_failure_of(const boost::system::system_error& error) {
    // Cancelled: whoever did it waits for that.
    if (error.code() == session::asio::error::operation_aborted) throw error;
    throw failure_of(error);
}

awaitable<void> Session::rest(unsigned tried) {
    session::Timer timer = network_.make_timer();
    timer.expires_after(options_.busy_pause(tried));
    co_await timer.async_wait(session::asio::use_awaitable);
}

}  // namespace strata::application::nfs::client
