# Stands in for postgres:16-alpine where no registry can be reached: the Postgres of
# the machine that builds it. ci/images.sh fills root/ and data/.
FROM scratch
ARG BIN
COPY root /
COPY --chown=70:70 data /var/lib/postgresql/data
ENV PATH=$BIN:/bin PGDATA=/var/lib/postgresql/data
USER 70:70
VOLUME /var/lib/postgresql/data
EXPOSE 5432
STOPSIGNAL SIGINT
LABEL io.github.leaklab.stand-in=postgres
ENTRYPOINT ["/bin/sh", "/entrypoint.sh"]
CMD ["postgres"]
