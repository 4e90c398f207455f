#include "strata/7_application/nfs/shared/shared.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace strata::application::nfs {
namespace {

std::array<std::byte, 8> verifier_of(std::uint64_t number) {
    std::array<std::byte, 8> bytes{};
    store_big_endian(bytes.data(), number);
    return bytes;
}

}  // namespace

Shared::Shared(session::Network& on, const FileRoot& served, const ServerOptions& how)
    : network(on),
      root(served),
      options(how),
      key(how.key ? *how.key : HandleKey::random(on.entropy())),
      tree(served, how.tree),
      listings(how.listing.listings_max),
      created(how.created_max),
      mounts(how.mounts_max),
      blocks(std::make_shared<SpareBlocks>(how.data_max, how.spare_blocks_max)),
      cookie_verifier(verifier_of(key.digest_of(bytes_of("cookies")))),
      write_verifier(verifier_of(on.entropy().next())) {}

session::asio::awaitable<void> Shared::do_aside(std::shared_ptr<Chore> chore) {
    if (!options.aside) {
        chore->do_it();
        co_return;
    }
    const session::asio::any_io_executor executor = network.get_executor();
    session::error_code none;
    auto doing = Aside::of(executor).async_do(chore, executor,
                                              session::asio::redirect_error(session::asio::use_awaitable, none));
    co_await std::move(doing);
}

}  // namespace strata::application::nfs
