# Stands in for redis:7-alpine where no registry can be reached: the Redis of the
# machine that builds it. ci/images.sh fills root/.
FROM scratch
COPY root /
WORKDIR /data
VOLUME /data
EXPOSE 6379
LABEL io.github.leaklab.stand-in=redis
# Debian's build has protected mode; the official image's has not.
ENTRYPOINT ["/usr/bin/redis-server", "--protected-mode", "no"]
