"""What Redis does in one trip at the beginning and at the end of a turn; bot.session_state names the keys."""

# Taken where it is free, ours, or of one that is gone; a clock set back would make it last.
_LOCKING = """
local locked, holder = 0, redis.call('get', lock)
if not holder or holder == token or holder == gone or redis.call('pttl', lock) > tonumber(lock_ms) then
  redis.call('set', lock, token, 'px', lock_ms)
  locked = 1
end
"""
# One trip at the beginning of a turn: take the delivery, count it, take the lock, read what is known of the sender.
BEGIN = f"""
local message, lock, talk, language, rate, same, content = unpack(KEYS)
local token, claim_ms, lock_ms, counts, gone, text = unpack(ARGV)
if message ~= '' and not redis.call('set', message, token, 'nx', 'px', claim_ms) then
  local stored = redis.call('get', message)
  if stored == gone then redis.call('set', message, token, 'px', claim_ms)
  elseif stored ~= token then return {{0, stored}} end
end
local minute, repeats = 0, 0
-- One that is taken over from a dead process has been counted. A clock set back would make counts last.
if counts == '1' and gone == '' then
  minute = redis.call('incr', rate)
  if minute == 1 or redis.call('ttl', rate) > 60 then redis.call('expire', rate, 60) end
  repeats = redis.call('hincrby', same, text, 1)
  local left = redis.call('ttl', same)
  if left < 0 or left > 300 then redis.call('expire', same, 300) end
end
{_LOCKING}
return {{1, locked, minute, repeats, redis.call('get', talk), redis.call('get', language), redis.call('get', content),
  holder, redis.call('pttl', talk)}}
"""
TAKE_LOCK = f"""
local lock, talk, language = unpack(KEYS)
local token, lock_ms, gone = unpack(ARGV)
{_LOCKING}
return {{locked, redis.call('get', talk), redis.call('get', language), holder, redis.call('pttl', talk)}}
"""
# What a turn held, when it ended while Redis did not answer.
GIVE_BACK = """
for _, key in ipairs(KEYS) do
  if key ~= '' and redis.call('get', key) == ARGV[1] then redis.call('del', key) end
end
"""
# One trip at its end: the move and the reply are kept together or not at all, then the next in line is woken.
END = """
local message, lock, freed, talk, language, rate, call_back, same = unpack(KEYS)
local token, move, talk_value, language_value, reply, talk_s, language_s, reply_s, talk_before = unpack(ARGV)
local holder, talk_now = redis.call('get', lock), redis.call('get', talk)
local claim = message ~= '' and redis.call('get', message)
-- Another process may have taken the delivery over, answered it, and gone on: then this turn comes too late.
local ours = not claim or claim == token
local fresh = token == '' or holder == token or not talk_now or talk_now == talk_before
if ours and fresh and (not holder or holder == token) then
  if move == 'erase' then redis.call('del', talk, language, rate, call_back, same) end
  if move == 'keep' then
    redis.call('set', talk, talk_value, 'ex', talk_s)
    if language_value ~= '' then redis.call('set', language, language_value, 'ex', language_s)
    else redis.call('expire', language, language_s) end
  end
end
if reply ~= '' and ours then redis.call('set', message, reply, 'ex', reply_s) end
if holder == token then
  redis.call('del', lock)
  redis.call('lpush', freed, '1')
  redis.call('ltrim', freed, 0, 0)
  redis.call('expire', freed, 2)
end
"""
COUNT_ABROAD = """
local texts = redis.call('incr', KEYS[1])
if texts == 1 or redis.call('ttl', KEYS[1]) > 60 then redis.call('expire', KEYS[1], 60) end
return texts
"""
