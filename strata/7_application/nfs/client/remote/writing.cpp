#include "strata/7_application/nfs/client/remote/telling.hpp"
namespace strata::application::nfs {
session::asio::awaitable<void> NfsRemote::write(std::string target, InputFile&, WriteOptions, Progress) {
    refuse("put", std::move(target));
    co_return;
}
}
