"""How fast a robot may call or send."""

from dingtalk_simulator.world.world import World

SECOND = 1000
MINUTE = 60 * SECOND


def is_too_fast(world: World, who: str, *, most: int, window_ms: int) -> bool:
    """Whether this is one more than so many in that time; if not, it is counted. Zero is no limit."""
    if not most:
        return False
    now = world.now()
    recent = [at for at in world.sends.recent.get(who) or [] if now - at < window_ms]
    if len(recent) >= most:
        world.sends.recent.put(who, recent)
        return True
    world.sends.recent.put(who, [*recent, now])
    return False


def is_resting(world: World, who: str) -> bool:
    """Whether somebody who sent too fast has to wait still."""
    return world.now() < (world.sends.resting.get(who) or 0)


def rest(world: World, who: str, *, seconds: float) -> None:
    world.sends.resting.put(who, world.now() + round(seconds * SECOND))
