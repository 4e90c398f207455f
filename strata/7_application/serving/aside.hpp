// Aside: what waits for a disk, or takes long to compute, is done on
// another thread, and nobody else waits for it.
//
// One thread of each kind an event loop, made when it is first needed: a service of its execution
// context. Used by the services that write, and by Users.
#pragma once

#include <array>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution_context.hpp>
#include <cstdint>
#include <memory>

#include "strata/5_session/asio/any_handler.hpp"

namespace boost::asio {
class thread_pool;
}

namespace strata::application {

// Something to be done, with all that it needs.
class Chore {
public:
    virtual ~Chore() = default;
    // On another thread.
    virtual void do_it() = 0;
};

class Aside final : public session::asio::execution_context::service {
public:
    // Each has a thread of its own: a password that is hashed does not hold up a file.
    enum class Kind : std::uint8_t { disk, thought };

    using key_type = Aside;
    static inline session::asio::execution_context::id id;
    explicit Aside(session::asio::execution_context& context);
    ~Aside() override;
    [[nodiscard]] static Aside& of(const session::asio::any_io_executor& executor);

    // Completes with (error_code), none, when it is done; where no thread can be made it is done
    // here. The chore is kept until then. Not cancelled.
    template <typename Token>
    auto async_do(std::shared_ptr<Chore> chore, const session::asio::any_io_executor& executor, Token&& token,
                  Kind kind = Kind::disk) {
        return session::asio::async_initiate<Token, void(session::error_code)>(
            [this, executor, kind](auto handler, std::shared_ptr<Chore> what) {
                start(kind, std::move(what), session::WaitHandler{std::move(handler), executor});
            },
            token, std::move(chore));
    }

private:
    void start(Kind kind, std::shared_ptr<Chore> chore, session::WaitHandler handler);
    void shutdown() noexcept override;
    std::array<std::unique_ptr<session::asio::thread_pool>, 2> threads_;  // by their kind
};

}  // namespace strata::application
